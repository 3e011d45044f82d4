import type { Logger } from 'pino'
import type { Attributes } from '../telemetry/instruments.js'
import { traceUnrecorded, type Trace } from '../telemetry/tracing.js'
import type { Clock } from './clock.js'
import { toMessage, type Event, type EventMessage } from './event.js'
import { outcome, type Metrics } from './metrics.js'
import { makePause, type Pause } from './pause.js'
import { isAcknowledged, retryDelay } from './retry.js'
import type { Result, Send } from './sender.js'

/** What is needed to deliver events to a sink. */
export interface Delivery extends Required<DeliveryOptions> {
  /** When the sink has asked for no requests. */
  pause: Pause
}

/** The options of {@link makeDelivery}. */
export interface DeliveryOptions {
  send: Send
  /** Begins the span of each delivery; without it, nothing is recorded. */
  trace?: Trace
  clock: Clock
  metrics: Metrics
  logger: Logger
}

/** Makes the delivery that all events to one sink share. */
export function makeDelivery (options: DeliveryOptions): Delivery {
  return { trace: traceUnrecorded, ...options, pause: makePause(options.clock, options.logger) }
}

/**
 * Delivers an event: sends it until the sink has accepted it, the failure is permanent, or the time is up. Each attempt
 * sends the same event, with the same id. Every result is logged and counted.
 *
 * @param until no further attempt begins at or after this time
 * @param signal aborts the delivery at once
 * @returns the result of the last attempt
 */
export async function deliver (event: Event, until: bigint, delivery: Delivery, signal: AbortSignal): Promise<Result> {
  const { trace, metrics, logger } = delivery
  const span = trace({ name: `send ${event.type}`, attributes: attributesOf(event), parent: event['traceparent'] as string | undefined })
  const message = toMessage(event, span.traceparent)
  let attempts = 1
  const line = (result: Result) => ({ id: event.id, attempts, ...describeError(result, logger) })

  let result = await attempt(message, delivery, signal)
  let again = timeOfRetry(result, attempts, delivery)
  while (again !== undefined && again < until && !signal.aborted) {
    logger.warn(line(result), `event will be sent again: ${describe(result)}`)
    if (!await waitToRetry(again, until, delivery, signal)) break
    metrics.retried(result)
    span.addEvent('retry', { ...outcome(result), 'http.request.resend_count': attempts })
    attempts++
    result = await attempt(message, delivery, signal)
    again = timeOfRetry(result, attempts, delivery)
  }

  if (isAcknowledged(result)) logger.debug(line(result), 'event delivered')
  else logger.error(line(result), `event lost: ${describe(result)}`)
  metrics.finished(result)
  span.end({ ...outcome(result), ...(attempts > 1 && { 'http.request.resend_count': attempts - 1 }) }, isAcknowledged(result) ? undefined : describe(result))
  return result
}

/** https://opentelemetry.io/docs/specs/semconv/registry/attributes/cloudevents/ */
function attributesOf ({ id, source, type, specversion }: Event): Attributes {
  return {
    'cloudevents.event_id': id,
    'cloudevents.event_source': source,
    'cloudevents.event_spec_version': specversion,
    'cloudevents.event_type': type,
    'http.request.method': 'POST'
  }
}

async function attempt (message: EventMessage, { send, pause, clock, metrics }: Delivery, signal: AbortSignal): Promise<Result> {
  const begin = clock.now()
  const result = await send(message, signal)
  metrics.attempted(result, Number(clock.now() - begin) / 1e9)
  pause.heed(result)
  return result
}

/** When to send an event again, if at all; the pause of a sink is taken into account. */
function timeOfRetry (result: Result, attempts: number, { clock, pause }: Delivery): bigint | undefined {
  const delay = retryDelay(result, attempts, Math.random(), new Date())
  if (delay === undefined) return undefined
  const again = clock.now() + delay
  return again > pause.until ? again : pause.until
}

/**
 * Waits until an event may be sent again. Meanwhile, an answer to another event may extend the wait.
 *
 * @returns false if the time is up first, or the signal is aborted
 */
async function waitToRetry (again: bigint, until: bigint, { clock, pause }: Delivery, signal: AbortSignal): Promise<boolean> {
  for (let time = again; time < until; time = pause.until) {
    await clock.wait(time, signal)
    if (signal.aborted) return false
    if (pause.until <= clock.now()) return true
  }
  return false
}

function describe ({ statusCode, error }: Result): string {
  return statusCode !== undefined ? `the sink answered ${statusCode}` : `no answer from the sink: ${error.message || error.code}`
}

/** Only an error's code, as the message says the rest; its stack at debug level. */
function describeError ({ error }: Result, logger: Logger): object {
  if (error === undefined) return {}
  return { code: error.code ?? error.name, ...(logger.isLevelEnabled('debug') && { err: error }) }
}
