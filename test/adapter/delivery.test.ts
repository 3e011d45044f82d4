import { createSecureContext } from 'node:tls'
import t, { type Test } from 'tap'
import { makeClock } from '../../src/adapter/clock.js'
import { deliver, makeDelivery } from '../../src/adapter/delivery.js'
import { makeEvent } from '../../src/adapter/event.js'
import { makeSender, type Result, type Send } from '../../src/adapter/sender.js'
import { content } from './content.js'
import { FakeClock, millisecond, second } from './fake-clock.js'
import { makeLog } from './log.js'
import { makeReadableMetrics } from './metrics.js'
import { startSink, type Answer } from './sink.js'

const never = new AbortController().signal
const newEvent = () => makeEvent(content(), {})

/** Delivers an event to a real sink, on a real clock. */
async function deliverTo (t: Test, answer: (index: number) => Answer, { timeout = 5_000, interval = 20n * second } = {}) {
  const sink = await startSink(t, answer)
  const clock = makeClock()
  const { logger, lines } = makeLog()
  const metrics = makeReadableMetrics()
  const send = makeSender({ sink: new URL(sink.url), timeout, namespace: 'demo', token: () => undefined, trust: () => createSecureContext() })
  const event = newEvent()
  const begin = clock.now()
  await deliver(event, begin + interval, makeDelivery({ send, clock, metrics, logger }), never)
  return { ...sink, event, lines, took: clock.now() - begin, counts: await counts(metrics) }
}

/** The counters, without the labels that never change. */
async function counts ({ registry }: ReturnType<typeof makeReadableMetrics>) {
  const count = async (name: string) => Object.fromEntries((await registry.getSingleMetric(name)?.get())?.values
    .filter(({ value }) => value > 0)
    .map(({ labels, value }) => [(labels as Record<string, string>)['response_code_class'], value]) ?? [])
  return { events: await count('widget_adapter_events_total'), retries: await count('widget_adapter_retry_events_total') }
}

t.test('an acknowledged event', async t => {
  const { received, event, lines, counts } = await deliverTo(t, () => 204)
  t.equal(received.length, 1)
  t.match(lines, [{ level: 20, id: event.id, attempts: 1, msg: 'event delivered' }])
  t.equal(lines.length, 1)
  t.same(counts, { events: { '2xx': 1 }, retries: {} })
})

for (const [failure, answer, classOfFailure, reason] of [
  ['500', 500, '5xx', 'the sink answered 500'],
  ['503', 503, '5xx', 'the sink answered 503'],
  ['404', 404, '4xx', 'the sink answered 404'],
  ['408', 408, '4xx', 'the sink answered 408'],
  ['409', 409, '4xx', 'the sink answered 409'],
  ['429', 429, '4xx', 'the sink answered 429'],
  ['a reset connection', 'reset', 'error', 'no answer from the sink: '],
  ['a timeout', 'silence', 'timeout', 'no answer from the sink: no answer within 3 s']
] as Array<[string, Answer, string, string]>) {
  t.test(`${failure} is retried: the same event, with the same id and time`, async t => {
    const { received, event, lines, counts, took } = await deliverTo(t, index => index < 2 ? answer : 202, { timeout: answer === 'silence' ? 3_000 : 60_000 })
    t.equal(received.length, 3)
    for (const { event: { id, time, data } } of received) t.same({ id, time, data }, { id: event.id, time: event.time, data: event.data })
    t.equal(new Set(received.map(({ headers }) => headers['traceparent'])).size, 1)
    t.ok(took >= 150n * millisecond, 'the back-off is 50 ms and then 100 ms at the least')
    t.match(lines.map(({ level, attempts, id }) => ({ level, attempts, id })), [
      { level: 40, attempts: 1, id: event.id },
      { level: 40, attempts: 2, id: event.id },
      { level: 20, attempts: 3, id: event.id }
    ])
    t.ok(lines[0]?.msg.startsWith(`event will be sent again: ${reason}`), 'the reason is logged')
    t.same(counts, { events: { '2xx': 1 }, retries: { [classOfFailure]: 2 } })
  })
}

for (const status of [301, 400, 401, 403, 413]) {
  t.test(`${status} is not retried`, async t => {
    const { received, event, lines, counts } = await deliverTo(t, () => status)
    t.equal(received.length, 1)
    t.match(lines, [{ level: 50, id: event.id, attempts: 1, msg: `event lost: the sink answered ${status}` }])
    t.equal(lines.length, 1)
    t.same(counts, { events: { [`${status / 100 | 0}xx`]: 1 }, retries: {} })
  })
}

t.test('the next attempt waits for Retry-After', async t => {
  const { received, took } = await deliverTo(t, index => index > 0 ? 202 : response => response.writeHead(429, { 'Retry-After': '1' }).end())
  t.equal(received.length, 2)
  t.ok(took >= second)
})

t.test('with a Retry-After beyond the interval, the event is lost', async t => {
  const { received, lines, took } = await deliverTo(t, () => response => response.writeHead(429, { 'Retry-After': '60' }).end())
  t.equal(received.length, 1)
  t.match(lines, [{ level: 50, msg: 'event lost: the sink answered 429' }])
  t.equal(lines.length, 1)
  t.ok(took < 20n * second)
})

t.test('an event is retried until the interval is over, and then lost', async t => {
  const { received, lines, counts, took } = await deliverTo(t, () => 503, { interval: second })
  t.ok(received.length > 1)
  t.ok(took < 2n * second)
  t.match(lines.at(-1), { level: 50, attempts: received.length, msg: 'event lost: the sink answered 503' })
  t.same(counts, { events: { '5xx': 1 }, retries: { '5xx': received.length - 1 } })
})

/** Delivers an event on a fake clock, on which each attempt has a duration and a result. */
async function deliverOnFakeClock (result: Result, { duration = 0n, interval = second, signal = never, level = 'trace' } = {}) {
  const clock = new FakeClock()
  const { logger, lines } = makeLog(level)
  const attempts: bigint[] = []
  const send: Send = async () => {
    attempts.push(clock.time)
    clock.time += duration
    return result
  }
  const metrics = makeReadableMetrics()
  await deliver(newEvent(), interval, makeDelivery({ send, clock, metrics, logger }), signal)
  return { attempts, lines, time: clock.time, metrics }
}

t.test('the back-off grows, and no attempt begins once the interval is over', async t => {
  const { attempts, time } = await deliverOnFakeClock({ statusCode: 503, retryAfter: undefined }, { interval: 3600n * second })
  const waits = attempts.slice(1).map((at, index) => at - (attempts[index] as bigint))
  t.ok(waits.length > 120 && waits.length < 250, `an hour has ${waits.length} waits of 15 to 30 s at the most`)
  for (const [index, wait] of waits.entries()) {
    const most = index > 8 ? 30n * second : 100n * millisecond * 2n ** BigInt(index)
    t.ok(wait >= most / 2n && wait <= most)
  }
  t.ok(new Set(waits.slice(10)).size > 10, 'with jitter')
  t.ok(time < 3600n * second)
})

t.test('a kept connection that the sink has closed costs no time, and therefore no event, even with a short interval', async t => {
  const sink = await startSink(t, index => index === 1 ? 'reset' : 202)
  const clock = new FakeClock()
  const { logger, lines } = makeLog()
  const send = makeSender({ sink: new URL(sink.url), timeout: 5_000, namespace: 'demo', token: () => undefined, trust: () => createSecureContext() })
  for (let i = 0; i < 2; i++) await deliver(newEvent(), 1n, makeDelivery({ send, clock, metrics: makeReadableMetrics(), logger }), never)
  t.match(lines.map(({ msg, attempts }) => [msg.split(':')[0], attempts]), [['event delivered', 1], ['event will be sent again', 1], ['event delivered', 2]])
  t.equal(sink.received[2]?.event.id, sink.received[1]?.event.id)
})

t.test('no attempt begins when the interval is just over', async t => {
  const closed: Result = { error: new Error('closed'), stale: true }
  t.equal((await deliverOnFakeClock(closed, { duration: millisecond, interval: 2n * millisecond + 1n })).attempts.length, 3)
  t.equal((await deliverOnFakeClock(closed, { duration: millisecond, interval: 2n * millisecond })).attempts.length, 2)
})

t.test('an attempt that takes longer than the interval is the last', async t => {
  const { attempts } = await deliverOnFakeClock({ error: Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }) }, { duration: 2n * second })
  t.equal(attempts.length, 1)
})

t.test('nothing is retried after the signal is aborted', async t => {
  const { attempts, lines } = await deliverOnFakeClock({ statusCode: 503, retryAfter: undefined }, { signal: AbortSignal.abort() })
  t.equal(attempts.length, 1)
  t.match(lines.at(-1), { level: 50, msg: 'event lost: the sink answered 503' })
})

t.test('an event that waits for a retry is given up when the signal is aborted', async t => {
  const abort = new AbortController()
  const clock = new FakeClock()
  const wait = async () => abort.abort()
  const { logger, lines } = makeLog()
  const metrics = makeReadableMetrics()
  let attempts = 0
  const send: Send = async () => ({ statusCode: 500 + attempts++, retryAfter: undefined })
  await deliver(newEvent(), second, makeDelivery({ send, clock: { ...clock, wait }, metrics, logger }), abort.signal)
  t.equal(attempts, 1)
  t.match(lines, [{ level: 40 }, { level: 50, attempts: 1, msg: 'event lost: the sink answered 500' }])
  t.equal(lines.length, 2)
  t.same(await counts(metrics), { events: { '5xx': 1 }, retries: {} })
})

t.test('an error without a message is logged by its code', async t => {
  const { lines } = await deliverOnFakeClock({ error: Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }) }, { interval: 1n })
  t.match(lines, [{ level: 50, code: 'ECONNREFUSED', msg: 'event lost: no answer from the sink: ECONNREFUSED' }])
  t.equal(lines.length, 1)
})

t.test('a failed attempt is one line with a code; the stack is logged at debug', async t => {
  const error = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' })
  const quiet = await deliverOnFakeClock({ error }, { interval: 1n, level: 'info' })
  t.same(Object.keys(quiet.lines[0] ?? {}).sort(), ['attempts', 'code', 'hostname', 'id', 'level', 'msg', 'pid', 'time'])
  t.match(quiet.lines, [{ attempts: 1, code: 'ECONNREFUSED', msg: 'event lost: no answer from the sink: connect ECONNREFUSED 127.0.0.1:1' }])
  t.equal(quiet.lines.length, 1)
  const verbose = await deliverOnFakeClock({ error }, { interval: 1n, level: 'debug' })
  t.match(verbose.lines, [{ code: 'ECONNREFUSED', err: { stack: /^Error: connect/ } }])
  t.match((await deliverOnFakeClock({ error: new TypeError('a') }, { interval: 1n })).lines, [{ code: 'TypeError' }])
})

t.test('the duration of an attempt is measured by its outcome', async t => {
  const durations = async (result: Result) => {
    const { metrics } = await deliverOnFakeClock(result, { duration: 20n * millisecond, interval: 1n })
    return metrics.registry.getSingleMetricAsString('http_client_request_duration_seconds')
  }
  t.match(await durations({ statusCode: 202, retryAfter: undefined }),
    'http_client_request_duration_seconds_sum{http_request_method="POST",http_response_status_code="202"} 0.02')
  t.match(await durations({ error: Object.assign(new Error('a'), { code: 'ECONNRESET' }) }),
    'http_client_request_duration_seconds_count{http_request_method="POST",error_type="ECONNRESET"} 1')
  t.match(await durations({ error: new TypeError('a') }), 'error_type="TypeError"} 1')
})
