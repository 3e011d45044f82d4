import type { Result } from './sender.js'

const second = 1_000_000_000n

/** Delay before the second attempt, in nanoseconds; doubled before each further one. */
const firstDelay = second / 10n

/** Maximum of that delay. */
export const longestDelay = 30n * second

/** Longest wait that a sink may ask for; a longer one is taken for a mistake. */
const longestRetryAfter = 3600n * second

/**
 * Statuses below 500 after which a retry may succeed.
 * https://github.com/knative/specs/blob/main/specs/eventing/data-plane.md#event-acknowledgement-and-delivery-retry
 */
const transient = [404, 408, 409, 429]

/** The oldest date format names no zone; it is GMT. https://www.rfc-editor.org/rfc/rfc9110#name-date-time-formats */
const asctime = /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}$/

/** Whether the sink has accepted the event. */
export function isAcknowledged ({ statusCode }: Result): boolean {
  return statusCode !== undefined && statusCode >= 200 && statusCode < 300
}

/** Whether a failed event is worth sending again: the sink, or the network, may recover. */
export function isTransient ({ statusCode }: Result): boolean {
  return statusCode === undefined || statusCode >= 500 || transient.includes(statusCode)
}

/**
 * Returns how long to wait before a failed event is sent again: exponential back-off with jitter, or longer if the sink's
 * `Retry-After` asks for it. If a kept-alive connection was closed, that says nothing about the sink: retry at once.
 *
 * @param result of the last, failed attempt
 * @param attempts made so far
 * @param random from 0 to 1
 * @param now the current date, for a `Retry-After` with a date
 * @returns nanoseconds; undefined if a retry is pointless
 */
export function retryDelay (result: Result, attempts: number, random: number, now: Date): bigint | undefined {
  if (!isTransient(result)) return undefined
  if (result.stale === true) return 0n
  const backoff = jitter(min(firstDelay * 2n ** BigInt(attempts - 1), longestDelay), random)
  return max(backoff, retryAfterOf(result, now) ?? 0n)
}

/**
 * Parses `Retry-After`: seconds, or a date in one of three formats.
 * https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 *
 * @returns nanoseconds from now, an hour at most; undefined if the header is missing or malformed
 */
export function retryAfterOf ({ retryAfter = '' }: Result, now: Date): bigint | undefined {
  if (/^\d+$/.test(retryAfter)) return min(BigInt(retryAfter) * second, longestRetryAfter)
  const inGmt = asctime.test(retryAfter) ? `${retryAfter} GMT` : retryAfter
  const date = inGmt.endsWith(' GMT') ? Date.parse(inGmt) : NaN
  return Number.isNaN(date) ? undefined : min(BigInt(date - now.getTime()) * 1_000_000n, longestRetryAfter)
}

/** Between half the delay and the whole: sources that failed together do not all retry together. */
function jitter (delay: bigint, random: number): bigint {
  return delay / 2n + BigInt(Math.trunc(Number(delay / 2n) * random))
}

function min (left: bigint, right: bigint): bigint {
  return left < right ? left : right
}

function max (left: bigint, right: bigint): bigint {
  return left > right ? left : right
}
