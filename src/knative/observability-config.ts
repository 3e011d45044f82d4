import { parseJson } from '../kubernetes/json.js'
import { isObject, valueAt } from '../kubernetes/object.js'
import { describe, type FieldError } from '../kubernetes/field-error.js'

/** Default port for Prometheus. */
const defaultMetricsPort = 9090

/** The observability configuration of an adapter. */
export interface ObservabilityConfig {
  metrics: MetricsConfig
  tracing: TracingConfig
  /** Whether profiles can be taken. */
  profiling: boolean
  /** Problems, with paths in the text. Defaults replace the invalid parts. */
  problems: FieldError[]
}

/** An OTLP collector. */
export interface Otlp {
  protocol: 'http/protobuf' | 'grpc'
  /** An http or https URL. */
  endpoint: string
}

export type MetricsConfig =
  | { protocol: 'none' }
  | { protocol: 'prometheus', host?: string, port: number }
  | Otlp & { /** Milliseconds between two exports. */ exportInterval: number }

export type TracingConfig =
  | { protocol: 'none' | 'stdout' }
  | Otlp & { /** Share of the traces to record, from 0 to 1. */ samplingRate: number }

const defaultExportInterval = 60_000

/** The longest delay of a Node timer. */
const longestInterval = 2 ** 31 - 1

/**
 * Reads `K_OBSERVABILITY_CONFIG`, as adapters of Knative 1.19 and newer do. Without it, metrics are served for Prometheus.
 * https://github.com/knative/pkg/tree/main/observability
 *
 * @param text JSON; empty if nothing is configured
 */
export function readObservabilityConfig (text: string): ObservabilityConfig {
  const problems: FieldError[] = []
  const config = text === '' ? {} : parseJson(text)
  if (!isObject(config)) problems.push({ path: '', message: 'expected a JSON object' })
  return {
    metrics: readMetrics(valueAt(config, 'metrics'), problems),
    tracing: readTracing(valueAt(config, 'tracing'), problems),
    profiling: valueAt(config, 'runtime', 'profiling') === 'enabled',
    problems
  }
}

function readMetrics (metrics: unknown, problems: FieldError[]): MetricsConfig {
  const unset = { protocol: 'prometheus', port: defaultMetricsPort } as const
  if (metrics === undefined) return unset
  const { protocol = 'none', endpoint, exportInterval = 0 } = isObject(metrics) ? metrics : {}
  switch (protocol) {
    case 'none':
      return { protocol }
    case 'prometheus':
      return readAddress(endpoint ?? ':9092', problems) ?? unset
    case 'http/protobuf':
    case 'grpc': {
      const url = readEndpoint('metrics', protocol, endpoint, problems)
      if (url === undefined) return unset
      const milliseconds = typeof exportInterval === 'number' ? Math.round(exportInterval / 1e6) : 0
      return { protocol, endpoint: url, exportInterval: Math.min(milliseconds > 0 ? milliseconds : defaultExportInterval, longestInterval) }
    }
    default:
      problems.push({ path: 'metrics.protocol', message: `expected none, prometheus, http/protobuf or grpc, got ${describe(protocol)}` })
      return unset
  }
}

function readTracing (tracing: unknown, problems: FieldError[]): TracingConfig {
  const { protocol = 'none', endpoint, samplingRate = 0 } = isObject(tracing) ? tracing : {}
  switch (protocol) {
    case 'none':
    case 'stdout':
      return { protocol }
    case 'http/protobuf':
    case 'grpc': {
      const url = readEndpoint('traces', protocol, endpoint, problems)
      if (url === undefined) return { protocol: 'none' }
      return { protocol, endpoint: url, samplingRate: typeof samplingRate === 'number' ? Math.min(Math.max(samplingRate, 0), 1) : 0 }
    }
    default:
      problems.push({ path: 'tracing.protocol', message: `expected none, http/protobuf, grpc or stdout, got ${describe(protocol)}` })
      return { protocol: 'none' }
  }
}

/** The address to listen on for Prometheus: `:9092`, `127.0.0.1:9092`, `[::1]:9092`. */
function readAddress (endpoint: unknown, problems: FieldError[]): MetricsConfig | undefined {
  const [, ipv6, name, digits] = /^(?:\[(.*)\]|([^:]*)):(\d{1,5})$/.exec(String(endpoint)) ?? []
  const host = ipv6 || name
  if (Number(digits) <= 65535) return { protocol: 'prometheus', ...(host && { host }), port: Number(digits) }
  problems.push({ path: 'metrics.endpoint', message: `expected an address to listen on such as :9092, got ${describe(endpoint)}` })
  return undefined
}

/**
 * The URL of a collector: without a scheme it is https; an http one without a path gets the path of the signal.
 * https://opentelemetry.io/docs/specs/otlp/#otlphttp-request
 */
function readEndpoint (signal: 'metrics' | 'traces', protocol: Otlp['protocol'], endpoint: unknown, problems: FieldError[]): string | undefined {
  const text = /^[\w.-]+:\d+(\/|$)/.test(String(endpoint)) ? `https://${String(endpoint)}` : String(endpoint)
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    problems.push({ path: `${signal === 'traces' ? 'tracing' : signal}.endpoint`, message: `expected an http or https URL, got ${describe(endpoint)}` })
    return undefined
  }
  if (protocol === 'http/protobuf' && url.pathname === '/') url.pathname = `/v1/${signal}`
  return url.href
}
