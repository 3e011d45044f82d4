import type { Logger } from 'pino'
import type { Clock } from './clock.js'
import { longestDelay, retryAfterOf } from './retry.js'
import type { Result } from './sender.js'

/** Why nothing is sent: the sink asked for a pause with `Retry-After`, or answered that it is gone. */
export type PauseReason = 'retry_after' | 'gone'

/** The time in which a sink accepts no requests, whatever the event. */
export interface Pause {
  /** When the pause ends, in nanoseconds of the clock; in the past when there is no pause. */
  until: bigint
  /** The reason of this pause, or of the last one. */
  reason: PauseReason
  /** Updates the pause from the result of an attempt. */
  heed: (result: Result) => void
}

/** Statuses whose `Retry-After` concerns the sink, not one event. */
const overloaded = [429, 503]

/**
 * Makes the pause of a sink. After the answer 429, a sender must not send until the time it asks for. After 410, a sender
 * should stop: here it tries again after the longest retry delay.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md#22-delivery-response
 */
export function makePause ({ now }: Clock, logger: Logger): Pause {
  let isGone = false
  const pause: Pause = {
    until: now(),
    reason: 'retry_after',
    heed (result) {
      const { statusCode } = result
      if (statusCode === 410) {
        if (!isGone) logger.warn(`the sink answered 410, so it is gone: the adapter tries again every ${longestDelay / 1_000_000_000n} s`)
        extend(longestDelay, 'gone')
      } else if (statusCode !== undefined && overloaded.includes(statusCode)) {
        extend(retryAfterOf(result, new Date()) ?? 0n, 'retry_after')
      }
      if (statusCode !== undefined) isGone = statusCode === 410
    }
  }

  function extend (delay: bigint, reason: PauseReason): void {
    const until = now() + delay
    if (until <= pause.until) return
    pause.until = until
    pause.reason = reason
  }
  return pause
}
