import { readObservabilityConfig } from './observability-config.js'
import { ConfigReader, pathOfKey, sizeProblems, type ConfigData, type ConfigEnvVars } from './config-map.js'

/** The domain in the metrics of event sources' adapters. */
export const metricsDomain = 'knative.dev/eventing'

/** The names in the metrics of older adapters. */
export interface MetricsIdentity {
  /** For example {@link metricsDomain}. */
  domain: string
  /** Name of the adapter, such as `ping-source`. */
  component: string
}

/**
 * Makes the observability env vars of an adapter from the data of `config-observability`: `K_OBSERVABILITY_CONFIG`, and
 * `K_METRICS_CONFIG` and `K_TRACING_CONFIG` for adapters older than OpenTelemetry (Knative 1.18 and older). Without data,
 * all are empty and the adapters use their defaults.
 *
 * https://github.com/knative/eventing/blob/main/pkg/observability/config.go and, for older adapters,
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

/** The fields in the order in which Go writes them, without empty ones. */
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
  // Default port for scraping Knative's own adapters.
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

/** Also reports what an adapter would ignore. */
function checkAsRead (reader: ConfigReader, config: object): void {
  for (const { path, message } of readObservabilityConfig(JSON.stringify(config)).problems) {
    const key = pathOfKey(path.replace('.', '-'))
    if (!reader.problems.some(problem => problem.path === key)) reader.problems.push({ path: key, message })
  }
}

/** Protocols that send over the network need an endpoint; the others must have none, except Prometheus, which may. */
function checkEndpoint (reader: ConfigReader, signal: string, { protocol, endpoint }: { protocol: string, endpoint: string }): void {
  const path = pathOfKey(`${signal}-endpoint`)
  const isRemote = protocol === 'grpc' || protocol === 'http/protobuf'
  if (isRemote && endpoint === '') reader.problems.push({ path, message: `required with ${signal}-protocol ${protocol}` })
  if (!isRemote && protocol !== 'prometheus' && endpoint !== '') reader.problems.push({ path, message: `expected none with ${signal}-protocol ${protocol}` })
}

/** The tracing of adapters that support Zipkin: a JSON object of texts, with the keys of `config-tracing`. */
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
