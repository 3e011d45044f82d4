import { createSecureContext } from 'node:tls'
import t from 'tap'
import { makeClock } from '../../src/adapter/clock.js'
import { deliver, makeDelivery } from '../../src/adapter/delivery.js'
import { makeEvent } from '../../src/adapter/event.js'
import { makePause } from '../../src/adapter/pause.js'
import { makeSender, type Result } from '../../src/adapter/sender.js'
import { makeTicker } from '../../src/adapter/ticker.js'
import { content, metricsPrefix } from './content.js'
import { FakeClock, millisecond, second } from './fake-clock.js'
import { makeLog } from './log.js'
import { makeReadableMetrics } from './metrics.js'
import { startSink } from './sink.js'

const answer = (statusCode: number, retryAfter?: string): Result => ({ statusCode, retryAfter })

/** A pause that starts at 1000 s, and its end after each of the results, in seconds from then. */
function heed (...results: Result[]) {
  const clock = new FakeClock(1000n * second)
  const { logger, lines } = makeLog()
  const pause = makePause(clock, logger)
  for (const result of results) pause.heed(result)
  return { seconds: Number(pause.until - clock.time) / 1e9, reason: pause.reason, lines }
}

t.test('429 and 503 with Retry-After are about the sink, an hour at most', async t => {
  t.match(heed(answer(429, '60')), { seconds: 60, reason: 'retry_after', lines: { length: 0 } })
  t.match(heed(answer(503, '60')), { seconds: 60 })
  t.match(heed(answer(429, '86400')), { seconds: 3600 })
  const { seconds } = heed(answer(429, new Date(Date.now() + 1000_000).toUTCString()))
  t.ok(seconds > 500 && seconds <= 1000, 'a date')
  for (const result of [answer(429), answer(429, 'soon'), answer(429, '0'), answer(500, '60'), answer(202, '60'), answer(404, '60'), { error: new Error('a') }]) {
    t.match(heed(result), { seconds: 0 }, JSON.stringify(result))
  }
})

t.test('a pause is not shortened by a later answer', async t => {
  t.match(heed(answer(429, '60'), answer(503, '1'), answer(202)), { seconds: 60 })
  t.match(heed(answer(429, '60'), answer(410)), { seconds: 60, reason: 'retry_after' })
  t.match(heed(answer(429, '10'), answer(410)), { seconds: 30, reason: 'gone' })
})

t.test('410 is logged once, until the sink answers something else', async t => {
  const { seconds, lines } = heed(answer(410), answer(410), { error: new Error('a') }, answer(410))
  t.equal(seconds, 30)
  t.match(lines, [{ level: 40, msg: 'the sink answered 410, so it is gone: the adapter tries again every 30 s' }])
  t.equal(lines.length, 1)
  t.equal(heed(answer(410), answer(202), answer(410)).lines.length, 2)
})

/** Runs a ticker, by default of one event a second, for a number of attempts. */
async function run (wanted: number, results: Result[], interval = second) {
  const clock = new FakeClock()
  const { logger, lines } = makeLog()
  const metrics = makeReadableMetrics()
  const attempts: bigint[] = []
  let finish = (): void => {}
  const finished = new Promise<void>(resolve => { finish = resolve })
  const send = async () => {
    if (attempts.push(clock.time / millisecond) === wanted) finish()
    return results[attempts.length - 1] ?? answer(202)
  }
  const ticker = makeTicker({ interval, event: () => makeEvent(content(), {}), metricsPrefix, ...makeDelivery({ send, clock, metrics, logger }) })
  ticker.start()
  await finished
  await ticker.stop(1_000)
  const skipped = Object.fromEntries((await metrics.registry.getSingleMetric('widget_adapter_skipped_ticks_total')!.get()).values.map(({ labels, value }) => [labels['reason'], value]))
  return { attempts: attempts.slice(0, wanted), skipped, lines }
}

t.test('no request before the time of Retry-After; the ticks meanwhile are skipped and counted', async t => {
  const { attempts, skipped, lines } = await run(3, [answer(429, '60')])
  t.same(attempts, [1_000n, 62_000n, 63_000n])
  t.same(skipped, { busy: 0, retry_after: 60, gone: 0 })
  t.match(lines.filter(({ level }) => level === 40), [{ skipped: 60, reason: 'retry_after', msg: 'ticks skipped: the sink asked for a pause' }])
  t.equal(lines.filter(({ level }) => level === 40).length, 1)
})

t.test('a pause that ends between two ticks', async t => {
  const { attempts, skipped } = await run(2, [answer(429, '2')], 1_500n * millisecond)
  t.same(attempts, [1_500n, 4_500n])
  t.match(skipped, { retry_after: 1 })
})

t.test('a sink that is gone is asked twice a minute', async t => {
  const { attempts, skipped, lines } = await run(4, [answer(410), answer(410), answer(410)])
  t.same(attempts, [1_000n, 32_000n, 63_000n, 94_000n])
  t.same(skipped, { busy: 0, retry_after: 0, gone: 90 })
  t.equal(lines.filter(({ msg }) => msg.includes('gone:')).length, 1)
})

t.test('a retry respects a pause that another event caused', async t => {
  const clock = new FakeClock()
  const { logger } = makeLog()
  const at: bigint[] = []
  const delivery = makeDelivery({
    clock,
    logger,
    metrics: makeReadableMetrics(),
    send: async () => {
      at.push(clock.time)
      return at.length === 1 ? answer(500) : answer(202)
    }
  })
  const wait = clock.wait
  let asked = false
  clock.wait = async until => {
    await wait(until)
    if (!asked) delivery.pause.heed(answer(503, '5'))
    asked = true
  }
  t.match(await deliver(makeEvent(content(), {}), 60n * second, delivery, new AbortController().signal), { statusCode: 202 })
  t.equal(at.length, 2)
  t.ok((at[1] as bigint) >= 5n * second && (at[1] as bigint) < 5n * second + 100n * millisecond)

  asked = false
  at.length = 0
  t.match(await deliver(makeEvent(content(), {}), clock.time + 2n * second, delivery, new AbortController().signal), { statusCode: 500 })
  t.equal(at.length, 1, 'nor is it sent when its time ends first')
})

t.test('for real: a sink that asks for a pause gets none of the next events in it', async t => {
  const sink = await startSink(t, index => index === 0 ? response => response.writeHead(429, { 'Retry-After': '2' }).end() : 202)
  const { logger } = makeLog()
  const clock = makeClock()
  const sent: bigint[] = []
  const send = makeSender({ sink: new URL(sink.url), timeout: 3600_000, namespace: 'demo', token: () => undefined, trust: () => createSecureContext() })
  const ticker = makeTicker({
    interval: 100n * millisecond,
    event: sequence => makeEvent(content({ sequence }), {}),
    metricsPrefix,
    ...makeDelivery({
      send: async (...args) => {
        sent.push(clock.now())
        return await send(...args)
      },
      clock,
      metrics: makeReadableMetrics(),
      logger
    })
  })
  ticker.start()
  await sink.nth(2)
  await ticker.stop(3600_000)
  t.ok((sent[1] as bigint) - (sent[0] as bigint) >= 2n * second)
  t.same(sink.received.slice(0, 3).map(({ event }) => event.data?.sequence), [0, 1, 2], 'a tick that is skipped has no number')
})
