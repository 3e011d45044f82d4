import type { Result } from './sender.js'

const second = 1_000_000_000n

/** Before the second attempt, in nanoseconds; doubled before each further one. */
const firstDelay = second / 10n

/** What it is doubled up to. */
const longestDelay = 30n * second

/** Statuses below 500 that may be another one the next time. */
const transient = [408, 429]

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
  const { retryAfter, stale } = result
  if (!isTransient(result)) return undefined
  if (stale === true) return 0n
  const backoff = jitter(min(firstDelay * 2n ** BigInt(attempts - 1), longestDelay), random)
  return max(backoff, parseRetryAfter(retryAfter ?? '', now) ?? 0n)
}

/**
 * Reads a `Retry-After`: seconds, or a date in one of three forms. https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 *
 * @returns nanoseconds from now on; undefined where it is neither
 */
function parseRetryAfter (text: string, now: Date): bigint | undefined {
  if (/^\d+$/.test(text)) return BigInt(text) * second
  const inGmt = asctime.test(text) ? `${text} GMT` : text
  const date = inGmt.endsWith(' GMT') ? Date.parse(inGmt) : NaN
  return Number.isNaN(date) ? undefined : BigInt(date - now.getTime()) * 1_000_000n
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
