import { readObservabilityConfig } from './observability-config.js'
import { ConfigReader, pathOfKey, sizeProblems, type ConfigData, type ConfigEnvVars } from './config-map.js'

/** Whose metrics those of an event source's adapter are. */
export const metricsDomain = 'knative.dev/eventing'

/** Whose metrics older adapters report. */
export interface MetricsIdentity {
  /** Such as {@link metricsDomain}. */
  domain: string
  /** The adapter's, such as `ping-source`. */
  component: string
}

/**
 * Makes the observability env vars of an adapter from the data of `config-observability`: `K_OBSERVABILITY_CONFIG`, and
 * for adapters of before OpenTelemetry (Knative 1.18 and older) `K_METRICS_CONFIG` and `K_TRACING_CONFIG`. Without data
 * all are empty, and the adapters do what they do by default.
 *
 * https://github.com/knative/eventing/blob/main/pkg/observability/config.go and, for the older ones,
 * https://github.com/knative/pkg/blob/release-1.18/metrics/config.go and
 * https://github.com/knative/pkg/blob/release-1.18/tracing/config/tracing.go
 */
export function observabilityEnvVars (data: ConfigData, identity: MetricsIdentity): ConfigEnvVars {
  const reader = new ConfigReader(data)
  const isSet = Object.keys(data).length > 0
  const env = Object.entries({
    K_OBSERVABILITY_CONFIG: readObservability(reader),
    K_METRICS_CONFIG: { Domain: identity.domain, Component: identity.component, ConfigMap: data },
    K_TRACING_CONFIG: readOlderTracing(reader)
  }).map(([name, value]) => ({ name, value: isSet ? JSON.stringify(value) : '' }))
  return { env, problems: [...reader.problems, ...sizeProblems(env)] }
}

/** With the fields and in the order in which Go writes them: one that is empty is left out. */
function readObservability (reader: ConfigReader): object {
  const tracing = {
    protocol: reader.oneOf('tracing-protocol', 'none', 'http/protobuf', 'grpc', 'stdout'),
    endpoint: reader.text('tracing-endpoint'),
    samplingRate: reader.rate('tracing-sampling-rate', 0)
  }
  const metrics = {
    protocol: reader.oneOf('metrics-protocol', 'none', 'http/protobuf', 'grpc', 'prometheus'),
    endpoint: reader.text('metrics-endpoint'),
    exportInterval: reader.nanoseconds('metrics-export-interval', 0)
  }
  const runtime = {
    profiling: reader.oneOf('runtime-profiling', 'disabled', 'enabled'),
    exportInterval: reader.nanoseconds('runtime-export-interval', 15_000_000_000)
  }
  checkEndpoint(reader, 'tracing', tracing)
  checkEndpoint(reader, 'metrics', metrics)
  // Where Knative's own adapters are scraped.
  if (metrics.protocol === 'prometheus') metrics.endpoint ||= ':9092'
  const config = {
    tracing: withoutEmpty(tracing),
    metrics: withoutEmpty(metrics),
    runtime: withoutEmpty(runtime),
    enableSinkEventErrorReporting: reader.flag('sink-event-error-reporting.enable')
  }
  checkAsRead(reader, config)
  return config
}

/** What an adapter would not obey is wrong, too. */
function checkAsRead (reader: ConfigReader, config: object): void {
  for (const { path, message } of readObservabilityConfig(JSON.stringify(config)).problems) {
    const key = pathOfKey(path.replace('.', '-'))
    if (!reader.problems.some(problem => problem.path === key)) reader.problems.push({ path: key, message })
  }
}

/** What goes over the network needs an endpoint, what does not may have none; Prometheus may. */
function checkEndpoint (reader: ConfigReader, signal: string, { protocol, endpoint }: { protocol: string, endpoint: string }): void {
  const path = pathOfKey(`${signal}-endpoint`)
  const isRemote = protocol === 'grpc' || protocol === 'http/protobuf'
  if (isRemote && endpoint === '') reader.problems.push({ path, message: `required with ${signal}-protocol ${protocol}` })
  if (!isRemote && protocol !== 'prometheus' && endpoint !== '') reader.problems.push({ path, message: `expected none with ${signal}-protocol ${protocol}` })
}

/** The tracing of adapters that know Zipkin: a JSON object of texts, from the keys that `config-tracing` had. */
function readOlderTracing (reader: ConfigReader): Record<string, string> {
  const backend = reader.oneOf('backend', 'none', 'zipkin', 'stackdriver')
  const zipkinEndpoint = reader.text('zipkin-endpoint')
  if (backend === 'zipkin' && zipkinEndpoint === '') reader.problems.push({ path: pathOfKey('zipkin-endpoint'), message: 'required with backend zipkin' })
  return {
    backend,
    debug: String(reader.flag('debug')),
    'sample-rate': String(reader.rate('sample-rate', 0.1)),
    ...withoutEmpty({ 'stackdriver-project-id': reader.text('stackdriver-project-id'), 'zipkin-endpoint': zipkinEndpoint })
  }
}

function withoutEmpty<T extends object> (fields: T): Partial<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== '' && value !== 0)) as Partial<T>
}
