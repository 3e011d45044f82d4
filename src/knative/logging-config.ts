import { parseJson } from '../kubernetes/json.js'
import { isObject, stringAt } from '../kubernetes/object.js'

/** zap's levels (https://pkg.go.dev/go.uber.org/zap/zapcore#Level) and pino's names for them. */
const levels = new Map([
  ['debug', 'debug'],
  ['info', 'info'],
  ['warn', 'warn'],
  ['warning', 'warn'],
  ['error', 'error'],
  ['dpanic', 'fatal'],
  ['panic', 'fatal'],
  ['fatal', 'fatal']
])

/** The lowest level to log, and what was not understood. */
export interface LoggingConfig {
  level: string
  mistakes: string[]
}

/**
 * Reads a component's log level from its logging configuration: `loglevel.<component>`, else the `level` of
 * `zap-logger-config`, else `info`. Mistakes are ignored and reported: they should not stop an adapter.
 * https://knative.dev/docs/eventing/observability/logging/config-logging/
 *
 * @param json the data of the ConfigMap config-logging, as Knative passes it to an adapter in `K_LOGGING_CONFIG`
 * @param component such as `ping-source`
 */
export function readLoggingConfig (json: string, component: string): LoggingConfig {
  const mistakes: string[] = []
  const data = parseObject(json, 'K_LOGGING_CONFIG', mistakes)
  const zapConfig = parseObject(stringAt(data, 'zap-logger-config') ?? '{}', 'zap-logger-config of K_LOGGING_CONFIG', mistakes)
  const key = `loglevel.${component}`
  const level = readLevel(stringAt(data, key), `${key} of K_LOGGING_CONFIG`, mistakes) ??
    readLevel(stringAt(zapConfig, 'level'), 'level in zap-logger-config of K_LOGGING_CONFIG', mistakes)
  return { level: level ?? 'info', mistakes }
}

function readLevel (text: string | undefined, name: string, mistakes: string[]): string | undefined {
  if (text === undefined) return undefined
  const level = levels.get(text.toLowerCase())
  if (level === undefined) mistakes.push(`${name} must be one of ${[...levels.keys()].join(', ')}, got ${JSON.stringify(text)}`)
  return level
}

function parseObject (json: string, name: string, mistakes: string[]): unknown {
  const value = parseJson(json)
  if (isObject(value)) return value
  mistakes.push(`${name} must be a JSON object`)
  return undefined
}
