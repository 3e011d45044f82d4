import type { Logger } from 'pino'
import type { Clock } from './clock.js'
import { toMessage, type Event, type EventMessage } from './event.js'
import type { Metrics } from './metrics.js'
import { isAcknowledged, retryDelay } from './retry.js'
import type { Result, Send } from './sender.js'

/** What it takes to deliver events. */
export interface Delivery {
  send: Send
  clock: Clock
  metrics: Metrics
  logger: Logger
}

/**
 * Delivers an event: sends it until the sink has taken it, it makes no sense to go on, or the time is up. It is the
 * same event each time, with the same id. Whatever comes of it is logged and counted.
 *
 * @param until no further attempt begins at this time or later
 * @param signal ends it all at once
 * @returns what came of the last attempt
 */
export async function deliver (event: Event, until: bigint, delivery: Delivery, signal: AbortSignal): Promise<Result> {
  const { clock, metrics, logger } = delivery
  const message = toMessage(event)
  let attempts = 1
  const line = (result: Result) => ({ id: event.id, attempts, ...(result.error !== undefined && { err: result.error }) })

  let result = await attempt(message, delivery, signal)
  let again = timeOfRetry(result, attempts, clock.now())
  while (again !== undefined && again < until && !signal.aborted) {
    logger.warn(line(result), `event will be sent again: ${describe(result)}`)
    await clock.wait(again, signal)
    if (signal.aborted) break
    metrics.retried(result)
    attempts++
    result = await attempt(message, delivery, signal)
    again = timeOfRetry(result, attempts, clock.now())
  }

  if (isAcknowledged(result)) logger.debug(line(result), 'event delivered')
  else logger.error(line(result), `event lost: ${describe(result)}`)
  metrics.finished(result)
  return result
}

async function attempt (message: EventMessage, { send, clock, metrics }: Delivery, signal: AbortSignal): Promise<Result> {
  const begin = clock.now()
  const result = await send(message, signal)
  metrics.attempted(result, Number(clock.now() - begin) / 1e9)
  return result
}

function timeOfRetry (result: Result, attempts: number, now: bigint): bigint | undefined {
  const delay = retryDelay(result, attempts, Math.random(), new Date())
  return delay === undefined ? undefined : now + delay
}

function describe ({ statusCode, error }: Result): string {
  return statusCode !== undefined ? `the sink answered ${statusCode}` : `no answer from the sink: ${error.message || error.code}`
}
