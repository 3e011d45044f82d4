import { createSecureContext } from 'node:tls'
import t, { type Test } from 'tap'
import { makeEvent } from '../../src/adapter/event.js'
import { makeClock, type Clock } from '../../src/adapter/clock.js'
import { makeDelivery } from '../../src/adapter/delivery.js'
import { makeSender, type Result, type Send } from '../../src/adapter/sender.js'
import { content, metricsPrefix } from './content.js'
import { makeTicker } from '../../src/adapter/ticker.js'
import { FakeClock, millisecond, second, StandingClock } from './fake-clock.js'
import { makeLog } from './log.js'
import { makeReadableMetrics } from './metrics.js'
import { startSink, type Answer } from './sink.js'
import { until } from '../until.js'

const event = (sequence: number) => makeEvent(content({ sequence }), {})

const acknowledged: Result = { statusCode: 202, retryAfter: undefined }

/**
 * Runs a ticker on a fake clock with a given start.
 *
 * @param durations how long each attempt takes; the ticker is stopped after the last
 * @param results of each attempt; default: 202
 */
async function run (interval: bigint, durations: bigint[], results: Result[] = []) {
  const begin = 987_654_321n
  const clock = new FakeClock(begin)
  const metrics = makeReadableMetrics()
  const { logger, lines } = makeLog()
  const attempts: Array<{ at: bigint, sequence: number }> = []
  let finish = (): void => {}
  const finished = new Promise<void>(resolve => { finish = resolve })
  const send: Send = async ({ body }) => {
    const index = attempts.push({ at: clock.time - begin, ...JSON.parse(body) as { sequence: number } }) - 1
    clock.time += durations[index] as bigint
    if (index === durations.length - 1) finish()
    return results[index] ?? acknowledged
  }
  const ticker = makeTicker({ interval, event, metricsPrefix, ...makeDelivery({ send, clock, metrics, logger }) })
  ticker.start()
  await finished
  await ticker.stop(1_000)
  const skipped = (await metrics.registry.getSingleMetric('widget_adapter_skipped_ticks_total')?.get())?.values.find(({ labels }) => labels['reason'] === 'busy')?.value
  return { attempts, at: attempts.map(({ at }) => at), sequence: attempts.map(({ sequence }) => sequence), skipped, lines }
}

t.test('the n-th event is due at start + n × interval, however long sends take', async t => {
  const durations = Array.from({ length: 1000 }, (_, index) => BigInt(index * 7919 % 999) * millisecond)
  const { at, sequence, skipped } = await run(second, durations)
  t.same(at, durations.map((_, index) => BigInt(index + 1) * second))
  t.same(sequence, durations.map((_, index) => index))
  t.equal(skipped, 0)
})

t.test('a sink slower than the interval: ticks are skipped and counted, never queued', async t => {
  const slow = 2_500n * millisecond
  const { at, sequence, skipped, lines } = await run(second, [slow, slow, 0n, slow, 0n, 0n])
  t.same(at, [1n, 4n, 7n, 8n, 11n, 12n].map(tick => tick * second))
  t.equal(skipped, 6)
  t.same(sequence, [0, 1, 2, 3, 4, 5], 'a skipped tick has no event, and so no number')
  t.match(lines.filter(({ level }) => level > 20), [{ level: 40, skipped: 2 }, { level: 40, skipped: 2 }, { level: 40, skipped: 2 }])
  t.equal(lines.filter(({ level }) => level > 20).length, 3)
})

t.test('a send that takes exactly the interval skips the tick that is due at its end', async t => {
  const { at, skipped } = await run(second, [second, second - 1n, 0n])
  t.same(at, [1n, 3n, 4n].map(tick => tick * second))
  t.equal(skipped, 1)
})

t.test('a lost event leaves a gap in the sequence that arrives', async t => {
  const { attempts } = await run(second, [0n, 0n, 0n], [acknowledged, { statusCode: 400, retryAfter: undefined }])
  t.same(attempts.map(({ at, sequence }) => [at / second, sequence]), [[1n, 0], [2n, 1], [3n, 2]])
})

t.test('retries end with the interval, and the next event is on time', async t => {
  const failures = Array.from({ length: 4 }, (): Result => ({ statusCode: 503, retryAfter: undefined }))
  const { attempts } = await run(300n * millisecond, [0n, 0n, 0n, 0n, 0n], failures)
  const tick = (at: bigint) => at / (300n * millisecond)
  for (const { at, sequence } of attempts) t.equal(tick(at), BigInt(sequence) + 1n)
  const first = attempts.filter(({ at }) => at % (300n * millisecond) === 0n)
  t.same(first.map(({ sequence }) => sequence), [...new Set(attempts.map(({ sequence }) => sequence))])
  t.ok(first.length > 1 && first.length < attempts.length)
})

t.test('intervals of any length', async t => {
  const century = 36_500n * 24n * 3600n * second
  t.same((await run(century, [0n, 5n * second, 0n])).at, [century, 2n * century, 3n * century])
  t.same((await run(1n, [0n, 10n, 0n])).at, [1n, 2n, 13n])
})

/** Runs a ticker with a real sink, and in real time unless it gets a clock. */
async function startTicker (t: Test, { interval = 50n * millisecond, clock = makeClock(), answer }: { interval?: bigint, clock?: Clock, answer?: (index: number) => Answer | Promise<Answer> } = {}) {
  const sink = await startSink(t, answer)
  const metrics = makeReadableMetrics()
  const { logger, lines } = makeLog()
  // When each event was sent, and how many ticks were skipped before it.
  const sends: Array<{ at: bigint, skipped: number }> = []
  const send = makeSender({ sink: new URL(sink.url), timeout: 10_000, namespace: 'demo', token: () => undefined, trust: () => createSecureContext() })
  const ticker = makeTicker({
    interval,
    event,
    metricsPrefix,
    ...makeDelivery({
      send: (...args) => {
        sends.push({ at: clock.now(), skipped: lines.reduce((sum, line) => sum + Number(line['skipped'] ?? 0), 0) })
        return send(...args)
      },
      clock,
      metrics,
      logger
    })
  })
  const start = clock.now()
  ticker.start()
  const skipped = async () => (await metrics.registry.getSingleMetric('widget_adapter_skipped_ticks_total')?.get())?.values.find(({ labels }) => labels['reason'] === 'busy')?.value as number
  return { ...sink, ticker, lines, sends, start, skipped }
}

t.test('for real: never early, no drift, one connection', async t => {
  const interval = 20n * millisecond
  // The sink takes most of the interval. If that were added to the interval, the ticks would soon be late.
  const { nth, ticker, sends, start, received } = await startTicker(t, {
    interval,
    answer: () => new Promise(resolve => setTimeout(() => resolve(202), 10))
  })
  await nth(59)
  await ticker.stop(60_000)
  const late = sends.map(({ at, skipped }, index) => at - start - BigInt(index + 1 + skipped) * interval)
  t.strictSame(late.filter(time => time < 0n), [])
  // A busy machine runs some of them late. Drift would make all of the last ones late.
  t.ok(late.slice(30).some(time => time < interval), `late by ${late} ns`)
  t.same(new Set(received.map(({ connection }) => connection)), new Set([0]))
  t.same(received.map(({ event }) => event.data?.sequence), received.map((_, index) => index))
})

t.test('for real: one at a time, and nothing is queued while the sink is slow', async t => {
  let underway = 0
  let most = 0
  const { nth, ticker, received, skipped } = await startTicker(t, {
    interval: 10n * millisecond,
    answer: async index => {
      most = Math.max(most, ++underway)
      if (index === 0) await new Promise(resolve => setTimeout(resolve, 300))
      underway--
      return 202
    }
  })
  await nth(3)
  await ticker.stop(5_000)
  t.equal(most, 1)
  t.ok(await skipped() >= 28)
  t.same(received.slice(0, 4).map(({ event }) => event.data?.sequence), [0, 1, 2, 3])
})

t.test('stopped while it waits: it ends at once, and nothing more is sent', async t => {
  const { ticker, received } = await startTicker(t, { interval: 3600n * second })
  await ticker.stop(60_000)
  t.equal(received.length, 0)
})

t.test('stopped while it sends: that event is delivered, and none after it', async t => {
  const { nth, ticker, received, lines } = await startTicker(t, {
    answer: () => new Promise(resolve => setTimeout(() => resolve(202), 300))
  })
  await nth(0)
  await ticker.stop(60_000)
  t.match(lines.at(-1), { msg: 'event delivered', sequence: 0 })
  t.equal(received.length, 1)
})

t.test('stopped while it waits for a retry: the retry goes on', async t => {
  const clock = new StandingClock()
  const { ticker, received, lines } = await startTicker(t, { interval: 3600n * second, clock, answer: index => index < 2 ? 503 : 202 })
  clock.advance(3600n * second)
  const waitsForRetry = async (attempts: number) => await until(() => lines.some(line => line['attempts'] === attempts && line.msg.startsWith('event will be sent again')))
  await waitsForRetry(1)
  const stopped = ticker.stop(3600_000)
  clock.advance(60n * second)
  await waitsForRetry(2)
  clock.advance(60n * second)
  await stopped
  t.match(lines.at(-1), { msg: 'event delivered', sequence: 0, attempts: 3 })
  t.equal(received.length, 3)
})

t.test('stopped while it sends to a sink that does not answer: given up after the grace period', async t => {
  const { nth, ticker, lines } = await startTicker(t, { answer: () => 'silence' })
  await nth(0)
  await ticker.stop(100)
  t.match(lines.at(-1), { level: 50, sequence: 0, err: { name: 'AbortError' } })
})

t.test('stopped before it was started', async t => {
  const clock = new FakeClock()
  const ticker = makeTicker({ interval: second, event, metricsPrefix, ...makeDelivery({ send: async () => acknowledged, clock, metrics: makeReadableMetrics(), logger: makeLog().logger }) })
  await ticker.stop(1_000)
  t.equal(clock.time, 0n)
})
