import t from 'tap'
import { isAcknowledged, retryDelay } from '../../src/adapter/retry.js'
import type { Result } from '../../src/adapter/sender.js'
import { millisecond, second } from './fake-clock.js'

const now = new Date('2026-11-23T12:00:00Z')
const answer = (statusCode: number, retryAfter?: string): Result => ({ statusCode, retryAfter })
const noAnswer: Result = { error: new Error('ECONNREFUSED') }

t.test('2xx is an acknowledgement', async t => {
  for (const status of [200, 202, 204, 299]) t.equal(isAcknowledged(answer(status)), true, String(status))
  for (const status of [199, 300, 400, 500]) t.equal(isAcknowledged(answer(status)), false, String(status))
  t.equal(isAcknowledged(noAnswer), false)
})

t.test('5xx, 404, 408, 409, 429 and no answer at all are retried', async t => {
  for (const status of [404, 408, 409, 429, 500, 502, 503, 504, 599]) t.not(retryDelay(answer(status), 1, 0, now), undefined, String(status))
  for (const status of [301, 302, 303, 307, 308, 400, 401, 402, 403, 405, 406, 410, 413, 415, 422, 425, 428, 430, 499]) t.equal(retryDelay(answer(status), 1, 0, now), undefined, String(status))
  t.not(retryDelay(noAnswer, 1, 0, now), undefined)
})

t.test('a kept connection that was closed is retried at once', async t => {
  for (const attempts of [1, 1000]) t.equal(retryDelay({ ...noAnswer, stale: true }, attempts, 1, now), 0n)
  t.equal(retryDelay({ ...noAnswer, stale: false }, 1, 1, now), 100n * millisecond)
})

t.test('exponential back-off, up to 30 s', async t => {
  const delays = [1, 2, 3, 4, 9, 10, 1000].map(attempts => retryDelay(noAnswer, attempts, 1, now))
  t.same(delays, [100n, 200n, 400n, 800n, 25_600n, 30_000n, 30_000n].map(delay => delay * millisecond))
})

t.test('with jitter: from half of it', async t => {
  t.equal(retryDelay(noAnswer, 1, 0, now), 50n * millisecond)
  t.equal(retryDelay(noAnswer, 1, 0.5, now), 75n * millisecond)
  t.equal(retryDelay(noAnswer, 4, 0, now), 400n * millisecond)
})

t.test('Retry-After, in seconds or as a date, if it is longer', async t => {
  const table: Array<[string, bigint]> = [
    ['7', 7n * second],
    ['0', 100n * millisecond],
    ['Mon, 23 Nov 2026 12:00:42 GMT', 42n * second],
    ['Mon, 23 Nov 2026 11:00:00 GMT', 100n * millisecond],
    ['Monday, 23-Nov-26 12:00:42 GMT', 42n * second],
    ['Mon Nov 23 12:00:42 2026', 42n * second],
    ['Tue Dec  1 12:00:00 2026', 3600n * second],
    ['Mon Nov 23 12:00:42 2026 PST', 100n * millisecond],
    ['Mon Foo 23 12:00:42 2026', 100n * millisecond],
    ['soon', 100n * millisecond],
    ['in a minute, GMT', 100n * millisecond],
    ['2099', 2099n * second],
    ['1 Jan 2099', 100n * millisecond],
    ['-5', 100n * millisecond],
    ['1.5', 100n * millisecond],
    ['3601', 3600n * second],
    ['9'.repeat(30), 3600n * second]
  ]
  for (const [retryAfter, delay] of table) {
    t.equal(retryDelay(answer(429, retryAfter), 1, 1, now), delay, retryAfter)
    t.equal(retryDelay(answer(503, retryAfter), 1, 1, now), delay, retryAfter)
    t.equal(retryDelay(answer(400, retryAfter), 1, 1, now), undefined, retryAfter)
  }
})
