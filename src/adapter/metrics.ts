import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client'
import type { Result } from './sender.js'

/** What is counted of the adapter's work. */
export interface Metrics {
  registry: Registry
  /** An attempt to send is over. */
  attempted: (result: Result, seconds: number) => void
  /** A failed event will be sent again. */
  retried: (result: Result) => void
  /** An event is delivered or lost. */
  finished: (result: Result) => void
}

/**
 * Makes the metrics, after what Knative's sources count (`event_count`, `retry_event_count`, with `event_type` and
 * `response_code_class`) and OpenTelemetry's `http.client.request.duration`, each as Prometheus writes it.
 * https://knative.dev/docs/eventing/observability/metrics/eventing-metrics/#source-metrics
 * https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpclientrequestduration
 * https://prometheus.io/docs/practices/naming/
 *
 * @param prefix of the names of the adapter's own
 * @param eventType of the events that it sends
 */
export function makeMetrics (prefix: string, eventType: string): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const labelNames = ['event_type', 'response_code_class'] as const
  const labels = (result: Result) => ({ event_type: eventType, response_code_class: responseCodeClass(result) })
  const events = new Counter({ name: `${prefix}_adapter_events_total`, help: 'Events sent, by the class of the last response.', labelNames, registers })
  const retries = new Counter({ name: `${prefix}_adapter_retry_events_total`, help: 'Events sent again, by the class of the response before.', labelNames, registers })
  const duration = new Histogram({
    name: 'http_client_request_duration_seconds',
    help: 'Duration of the requests to the sink, each attempt on its own.',
    labelNames: ['http_request_method', 'http_response_status_code', 'error_type'] as const,
    registers
  })
  return {
    registry,
    attempted: (result, seconds) => duration.observe({ http_request_method: 'POST', ...outcome(result) }, seconds),
    retried: result => retries.inc(labels(result)),
    finished: result => events.inc(labels(result))
  }
}

/** `2xx` and so on; without a response `timeout`, or `error` for what else went wrong. */
function responseCodeClass ({ statusCode, error }: Result): string {
  if (statusCode !== undefined) return `${Math.trunc(statusCode / 100)}xx`
  return error?.code === 'ETIMEDOUT' ? 'timeout' : 'error'
}

function outcome ({ statusCode, error }: Result): Record<string, string | number> {
  return {
    ...(statusCode !== undefined && { http_response_status_code: statusCode }),
    ...(error !== undefined && { error_type: error.code ?? error.name })
  }
}
