import { parseCertificates } from '../knative/certificates.js'
import { readLoggingConfig } from '../knative/logging-config.js'
import { readObservabilityConfig, type MetricsConfig, type ObservabilityConfig } from '../knative/observability-config.js'
import { makeReader, parseInteger, parsePort, type Read } from './environment.js'
import { parseOverrides } from './overrides.js'
import { proxyFor } from './proxy.js'
import { variables, type Variable, type VariableName } from './variables.js'

/** The configuration of the adapter process. */
export interface Config<Settings> {
  /** An http or https URL. */
  sink: URL
  /** An http or https URL; undefined if the sink is called without a proxy. */
  proxy: URL | undefined
  /** Settings specific to the source. */
  settings: Settings
  /** Extension attributes of every event. */
  extensions: Record<string, string>
  /** Certificates to trust for the sink, each in PEM format. */
  caCerts: string[]
  /** Timeout of one attempt to send, in milliseconds. */
  sinkTimeout: number
  /** Namespace of the source; empty when it is not known. */
  namespace: string
  /** `<namespace>/<name>` of the source, if it is known. */
  source: string | undefined
  /** Name of the pod; empty when it is not known. */
  pod: string
  /** Name of the adapter among all components. */
  component: string
  observability: ObservabilityConfig
  /** Port for profiles, if profiling is enabled. */
  profilingPort: number
  logLevel: string
  /** Mistakes in the configuration of logging, metrics and tracing; the adapter runs all the same. */
  warnings: string[]
}

/** Either the configuration, or its mistakes: one line for each, with the variable and what it must be. */
export type ConfigResult<Settings> =
  | { config: Config<Settings>, mistakes?: never }
  | { config?: never, mistakes: string[] }

/** The longest delay of a timer, in seconds. */
const longestTimeout = Math.trunc((2 ** 31 - 1) / 1000)

/**
 * Reads the configuration. Its table in docs/configuration.md is generated from variables.ts and from the source's settings.
 *
 * @param env such as `process.env`
 * @param component the adapter's name, unless `K_COMPONENT` is set
 * @param readSettings reads the settings specific to the source
 */
export function readConfig<Settings> (env: NodeJS.ProcessEnv, component: string, readSettings: (read: Read) => Settings): ConfigResult<Settings> {
  const mistakes: string[] = []
  const read = makeReader(env, mistakes)
  const textOf = (name: VariableName, otherwise = defaultOf(name)) => env[name] || otherwise
  const readVariable: ReadVariable = (name, parse, expected, defaultText = defaultOf(name)) => read(name, defaultText, parse, expected, variables[name].description)
  const ownComponent = textOf('K_COMPONENT', component)
  const logging = readLoggingConfig(textOf('K_LOGGING_CONFIG'), ownComponent)
  const observability = readObservabilityConfig(textOf('K_OBSERVABILITY_CONFIG'))
  const overrideMistakes: string[] = []
  if (textOf('K_SINK') === '') mistakes.push('K_SINK is missing: the SinkBinding has not set it yet, or does not find the sink')
  const sink = readVariable('K_SINK', parseSink, 'an absolute http or https URL', 'http://unknown')
  const config: Config<Settings> = {
    sink,
    proxy: readProxy(sink, env, mistakes),
    settings: readSettings(read),
    extensions: parseOverrides(textOf('K_CE_OVERRIDES'), overrideMistakes),
    caCerts: textOf('K_CA_CERTS') === '' ? [] : readVariable('K_CA_CERTS', parseCertificates, 'certificates in PEM format'),
    sinkTimeout: 1000 * readVariable('K_SINK_TIMEOUT', text => parseInteger(text, 1, longestTimeout), `a number of seconds from 1 to ${longestTimeout}`),
    namespace: textOf('NAMESPACE'),
    source: textOf('EVENT_SOURCE') || undefined,
    pod: textOf('NAME', env['HOSTNAME'] ?? ''),
    component: textOf('OTEL_SERVICE_NAME', ownComponent),
    observability: { ...observability, metrics: withPort(observability.metrics, readVariable) },
    profilingPort: readVariable('PROFILING_PORT', parsePort, 'a port from 0 to 65535'),
    logLevel: logging.level,
    warnings: [...logging.mistakes, ...observability.problems.map(({ path, message }) => ['K_OBSERVABILITY_CONFIG', path, message].filter(Boolean).join(': '))]
  }
  mistakes.push(...overrideMistakes.map(mistake => `K_CE_OVERRIDES: ${mistake}`))
  return mistakes.length > 0 ? { mistakes } : { config }
}

/** Reads a variable that every adapter takes. */
type ReadVariable = <T>(name: VariableName, parse: (text: string) => T | undefined, expected: string, defaultText?: string) => T

function defaultOf (name: VariableName): string {
  const variable: Variable = variables[name]
  return variable.default ?? ''
}

/** `METRICS_PORT` overrides the port configured for all adapters. */
function withPort (metrics: MetricsConfig, readVariable: ReadVariable): MetricsConfig {
  if (metrics.protocol !== 'prometheus') return metrics
  return { ...metrics, port: readVariable('METRICS_PORT', parsePort, 'a port from 0 to 65535', String(metrics.port)) }
}

function readProxy (sink: URL | undefined, env: NodeJS.ProcessEnv, mistakes: string[]): URL | undefined {
  try {
    return sink && proxyFor(sink, env)
  } catch (error) {
    mistakes.push((error as Error).message)
    return undefined
  }
}

function parseSink (text: string): URL | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined
  const sink = new URL(text)
  return isPercentEncoded(sink.username) && isPercentEncoded(sink.password) ? sink : undefined
}

/** Credentials are decoded before they are sent; in a URL they may be malformed. */
function isPercentEncoded (text: string): boolean {
  try {
    return decodeURIComponent(text) !== undefined
  } catch {
    return false
  }
}
