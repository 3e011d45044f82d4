import type { Result } from './sender.js'

const second = 1_000_000_000n

/** Before the second attempt, in nanoseconds; doubled before each further one. */
const firstDelay = second / 10n

/** What it is doubled up to. */
export const longestDelay = 30n * second

/** The longest that a sink may ask to wait: more is taken for a mistake. */
const longestRetryAfter = 3600n * second

/**
 * Statuses below 500 that may be another one the next time.
 * https://github.com/knative/specs/blob/main/specs/eventing/data-plane.md#event-acknowledgement-and-delivery-retry
 */
const transient = [404, 408, 409, 429]

/** The oldest form of a date names no zone, and means GMT all the same. https://www.rfc-editor.org/rfc/rfc9110#name-date-time-formats */
const asctime = /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/

/** Tells whether the sink has taken the event. */
export function isAcknowledged ({ statusCode }: Result): boolean {
  return statusCode !== undefined && statusCode >= 200 && statusCode < 300
}

/** Tells whether it makes sense to send an event again that was not acknowledged: the sink, or the way there, may be better the next time. */
export function isTransient ({ statusCode }: Result): boolean {
  return statusCode === undefined || statusCode >= 500 || transient.includes(statusCode)
}

/**
 * Tells how long to wait before a failed event is sent again: exponential back-off with jitter, longer where the
 * sink's `Retry-After` asks for it. A kept connection that was closed says nothing about the sink: a new one is tried at once.
 *
 * @param result of the last attempt, which failed
 * @param attempts how many there were
 * @param random from 0 to 1
 * @param now what the date is, for a sink that answers with one
 * @returns nanoseconds; undefined when it makes no sense to send the event again
 */
export function retryDelay (result: Result, attempts: number, random: number, now: Date): bigint | undefined {
  if (!isTransient(result)) return undefined
  if (result.stale === true) return 0n
  const backoff = jitter(min(firstDelay * 2n ** BigInt(attempts - 1), longestDelay), random)
  return max(backoff, retryAfterOf(result, now) ?? 0n)
}

/**
 * Reads the `Retry-After` of an answer: seconds, or a date in one of three forms.
 * https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 *
 * @returns nanoseconds from now on, an hour at most; undefined where there is none, or it is neither
 */
export function retryAfterOf ({ retryAfter = '' }: Result, now: Date): bigint | undefined {
  if (/^\d+$/.test(retryAfter)) return min(BigInt(retryAfter) * second, longestRetryAfter)
  const inGmt = asctime.test(retryAfter) ? `${retryAfter} GMT` : retryAfter
  const date = inGmt.endsWith(' GMT') ? Date.parse(inGmt) : NaN
  return Number.isNaN(date) ? undefined : min(BigInt(date - now.getTime()) * 1_000_000n, longestRetryAfter)
}

/** Somewhere between a half and the whole: sources that failed together do not all come back together. */
function jitter (delay: bigint, random: number): bigint {
  return delay / 2n + BigInt(Math.trunc(Number(delay / 2n) * random))
}

function min (left: bigint, right: bigint): bigint {
  return left < right ? left : right
}

function max (left: bigint, right: bigint): bigint {
  return left > right ? left : right
}
