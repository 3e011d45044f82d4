import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { checkSchema, quote, type FieldError } from '../kubernetes/field-error.js'
import { parseJson } from '../kubernetes/json.js'
import { pathOfKey, sizeProblems, type ConfigData, type ConfigEnvVars } from './config-map.js'

const zapKey = 'zap-logger-config'
const levelPrefix = 'loglevel.'
const klogKey = 'klog-verbosity'

/** The most problems that are reported. */
const maxProblems = 10

const texts = Type.Optional(Type.Array(Type.String()))
const flag = Type.Optional(Type.Boolean())

/** The fields of a Go adapter's logger in which a mistake makes the adapter use its own defaults. */
const zapConfig = TypeCompiler.Compile(Type.Object({
  level: Type.Optional(Type.String()),
  development: flag,
  disableCaller: flag,
  disableStacktrace: flag,
  sampling: Type.Optional(Type.Union([Type.Null(), Type.Object({})])),
  encoding: Type.Optional(Type.String()),
  encoderConfig: Type.Optional(Type.Object({})),
  outputPaths: texts,
  errorOutputPaths: texts,
  initialFields: Type.Optional(Type.Object({}))
}))

/**
 * Makes the logging env vars of an adapter from the data of `config-logging`: `K_LOGGING_CONFIG`, a JSON object of texts
 * with `zap-logger-config` and each `loglevel.<component>`, and `K_KLOG_VERBOSITY`.
 *
 * Go controllers pass only `zap-logger-config`; their adapters also read the levels of components.
 * https://github.com/knative/pkg/blob/main/logging/config.go
 */
export function loggingEnvVars (data: ConfigData): ConfigEnvVars {
  const logging = Object.entries(data).filter(([key, value]) => value !== '' && (key === zapKey || isLevelKey(key)))
  const env = [
    { name: 'K_LOGGING_CONFIG', value: logging.length > 0 ? JSON.stringify(Object.fromEntries(logging)) : '' },
    { name: 'K_KLOG_VERBOSITY', value: data[klogKey] ?? '' }
  ]
  // Values that are too long are not checked any further, which also limits the number of problems.
  const tooLong = sizeProblems(env)
  if (tooLong.length > 0) return { env, problems: tooLong }
  const problems = [
    ...logging.flatMap(([key, value]) => key === zapKey ? zapProblems(value) : levelProblems(pathOfKey(key), value)),
    ...klogProblems(data[klogKey] ?? '')
  ]
  return { env, problems }
}

function isLevelKey (key: string): boolean {
  return key.startsWith(levelPrefix) && key !== levelPrefix
}

function zapProblems (text: string): FieldError[] {
  const path = pathOfKey(zapKey)
  const config = parseJson(text)
  if (config === undefined) return [{ path, message: `expected a JSON object, got ${quote(text)}` }]
  const problems = checkSchema(zapConfig, config, path, maxProblems)
  return problems.length > 0 ? problems : levelProblems(`${path}.level`, (config as { level?: string }).level ?? '')
}

/** https://pkg.go.dev/go.uber.org/zap/zapcore#Level.UnmarshalText */
function levelProblems (path: string, level: string): FieldError[] {
  if (/^(debug|info|warn|error|dpanic|panic|fatal)?$/i.test(level)) return []
  return [{ path, message: `expected debug, info, warn, error, dpanic, panic or fatal, got ${quote(level)}` }]
}

function klogProblems (verbosity: string): FieldError[] {
  if (/^\d?$/.test(verbosity)) return []
  return [{ path: pathOfKey(klogKey), message: `expected an integer from 0 to 9, got ${quote(verbosity)}` }]
}
