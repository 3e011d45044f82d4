import type { Logger } from 'pino'
import type { Clock } from './clock.js'
import { longestDelay, retryAfterOf } from './retry.js'
import type { Result } from './sender.js'

/** Why nothing is sent: the sink asks for that with `Retry-After`, or says that it is gone. */
export type PauseReason = 'retry_after' | 'gone'

/** The time in which a sink wants no request, whatever the event. */
export interface Pause {
  /** Until when: a time of the clock, in nanoseconds. The past, when there is no pause. */
  until: bigint
  /** Why; of the last pause, when there is none. */
  reason: PauseReason
  /** Takes note of what came of an attempt. */
  heed: (result: Result) => void
}

/** Statuses whose `Retry-After` is about the sink, and not about one event. */
const overloaded = [429, 503]

/**
 * Makes the pause of a sink. A sender must not send anything until the time that the answer 429 asks for, and should stop
 * sending to a sink that answers 410: that one is tried again after the longest delay between two attempts.
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
        if (!isGone) logger.warn(`the sink answered 410, so it is gone: it is tried again every ${longestDelay / 1_000_000_000n} s`)
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
