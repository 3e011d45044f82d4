import type { Instruments } from '../telemetry/instruments.js'
import { isAcknowledged } from './retry.js'
import type { Result } from './sender.js'

/** The metrics of the adapter's deliveries. */
export interface Metrics {
  /** For further metrics of a driver. */
  instruments: Instruments
  /** An attempt to send has ended. */
  attempted: (result: Result, seconds: number) => void
  /** A failed event will be sent again. */
  retried: (result: Result) => void
  /** An event is delivered or lost. */
  finished: (result: Result) => void
}

/** https://opentelemetry.io/docs/specs/semconv/http/http-metrics/#metric-httpclientrequestduration */
const boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/**
 * Makes the metrics. They follow those of Knative's sources (`event_count`, `retry_event_count`, with `event_type` and
 * `response_code_class`) and OpenTelemetry's `http.client.request.duration`.
 * https://knative.dev/docs/eventing/observability/metrics/eventing-metrics/#source-metrics
 *
 * @param prefix of the names of the adapter's own metrics
 * @param eventType of the events that it sends
 */
export function makeMetrics (instruments: Instruments, prefix: string, eventType: string): Metrics {
  const attributes = ['event_type', 'response_code_class']
  const valuesOf = (result: Result) => ({ event_type: eventType, response_code_class: responseCodeClass(result) })
  const events = instruments.counter({ name: `${prefix}.adapter.events`, unit: '{event}', description: 'Events, by the class of the last response: `2xx` is delivered; `3xx`, `4xx`, `5xx`, `timeout` and `error` are lost.', attributes })
  const retries = instruments.counter({ name: `${prefix}.adapter.retry_events`, unit: '{event}', description: 'Attempts after the first one of an event, by the class of the previous response.', attributes })
  const delivered = instruments.gauge({ name: `${prefix}.adapter.last_delivery_timestamp`, unit: 's', description: 'When the sink last accepted an event, in seconds since the epoch; before the first event, when the adapter started.' })
  const duration = instruments.histogram({
    name: 'http.client.request.duration',
    unit: 's',
    description: 'Duration of each attempt to send.',
    attributes: ['http.request.method', 'http.response.status_code', 'error.type'],
    boundaries
  })
  // Series start at 0, so that the first event is an increase.
  for (const responseClass of responseCodeClasses) events.add(0, { event_type: eventType, response_code_class: responseClass })
  delivered.record(Date.now() / 1000)
  return {
    instruments,
    attempted: (result, seconds) => duration.record(seconds, { 'http.request.method': 'POST', ...outcome(result) }),
    retried: result => retries.add(1, valuesOf(result)),
    finished (result) {
      events.add(1, valuesOf(result))
      if (isAcknowledged(result)) delivered.record(Date.now() / 1000)
    }
  }
}

const responseCodeClasses = ['2xx', '3xx', '4xx', '5xx', 'timeout', 'error']

/** `2xx` and so on; without a response, `timeout` or, for any other failure, `error`. */
function responseCodeClass ({ statusCode, error }: Result): string {
  if (statusCode !== undefined) return `${Math.trunc(statusCode / 100)}xx`
  return error?.code === 'ETIMEDOUT' ? 'timeout' : 'error'
}

/** The status, or the error. https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-client-span */
export function outcome ({ statusCode, error }: Result): Record<string, string | number> {
  if (error !== undefined) return { 'error.type': error.code ?? error.name }
  return { 'http.response.status_code': statusCode }
}
