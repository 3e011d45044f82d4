import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { createSecureContext } from 'node:tls'
import t, { type Test } from 'tap'
import { largestBody } from '../../src/adapter/call.js'
import { makeClock, type Clock } from '../../src/adapter/clock.js'
import { makeDelivery } from '../../src/adapter/delivery.js'
import { makeEvent } from '../../src/adapter/event.js'
import { makeReceiver, type ReceiverOptions } from '../../src/adapter/receiver.js'
import { makeSender } from '../../src/adapter/sender.js'
import { until } from '../until.js'
import { content, metricsPrefix } from './content.js'
import { second, StandingClock } from './fake-clock.js'
import { makeLog } from './log.js'
import { makeReadableMetrics } from './metrics.js'
import { startSink, type Answer } from './sink.js'

// Most of these tests only wait.
t.jobs = 4

interface Changes {
  clock?: Clock
  answer?: (index: number) => Answer | Promise<Answer>
  event?: ReceiverOptions['event']
}

/** A receiver that listens, and sends each body as it is to a real sink. */
async function start (t: Test, { answer, clock = makeClock(), event = ({ text }) => ({ event: makeEvent({ ...content(), data: text }, {}) }) }: Changes = {}) {
  const sink = await startSink(t, answer)
  const metrics = makeReadableMetrics()
  const { logger, lines } = makeLog()
  const send = makeSender({ sink: new URL(sink.url), timeout: 60_000, namespace: 'demo', token: () => undefined, trust: () => createSecureContext() })
  const receiver = makeReceiver({ port: 0, event, metricsPrefix, ...makeDelivery({ send, clock, metrics, logger }) })
  await receiver.start()
  t.teardown(async () => await receiver.stop(0))
  const port = lines.find(({ msg }) => msg === 'receiver listening')?.['port'] as number
  const url = `http://127.0.0.1:${port}`
  return {
    ...sink,
    receiver,
    lines,
    port,
    url,
    post: async (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
      await fetch(`${url}/any/path?of=any`, { method: 'POST', body, headers: { 'Content-Type': 'application/json', ...headers } }),
    /** The number of answers by status. */
    counts: async () => Object.fromEntries((await metrics.registry.getSingleMetric(`${metricsPrefix}_adapter_received_requests_total`)!.get()).values.map(({ labels, value }) => [labels['code'], value]))
  }
}

const error = async (response: Response): Promise<unknown> => [response.status, ((await response.json()) as { error: string }).error]

t.test('202 once the sink has the event; its data is the body unchanged', { buffered: true }, async t => {
  const { post, received, counts, receiver } = await start(t)
  const body = '{ "big": 12345678901234567890, "ü": "☁️", "__proto__": {}, "a": 1, "a": 2 }'
  const response = await post(body, { 'Content-Type': 'application/vnd.github+json; charset=utf-8' })
  t.equal(response.status, 202)
  t.equal(await response.text(), '')
  t.equal(received.length, 1)
  t.match(received[0]?.event, { type: content().type, data: { ü: '☁️', a: 2 } })
  t.equal(received[0]?.text, body)
  t.same(await counts(), { 202: 1 })
  t.equal(receiver.description, 'sending an event for each request that comes in')
})

t.test('503 is retried, and the caller waits for it', { buffered: true }, async t => {
  const { post, received } = await start(t, { answer: index => index === 0 ? 503 : 202 })
  t.equal((await post('{}')).status, 202)
  t.same(received.map(({ event }) => event.id), [received[0]?.event.id, received[0]?.event.id])
})

t.test('502 if the sink refuses the event, and 503 if it cannot accept it now', { buffered: true }, async t => {
  const { post, counts, lines, received } = await start(t, { answer: index => index === 0 ? 400 : response => response.writeHead(429, { 'Retry-After': '60' }).end() })
  t.same(await error(await post('{}')), [502, 'the sink refuses the event'])
  const late = await post('{}')
  t.ok(Number(late.headers.get('retry-after')) > 50, 'when the sink wants to be asked again')
  t.same(await error(late), [503, 'the sink has not accepted the event'])
  t.same(await error(await post('{}')), [503, 'the sink has asked for a pause'])
  t.equal(received.length, 2)
  t.same(await counts(), { 502: 1, 503: 2 })
  t.equal(lines.filter(({ level, msg }) => level === 50 && msg.startsWith('event lost')).length, 2)
})

t.test('refused requests get a reason, and nothing is sent', { buffered: true }, async t => {
  const { post, url, port, received, counts } = await start(t)
  const got = await fetch(url)
  t.equal(got.headers.get('allow'), 'POST')
  t.same(await error(got), [405, 'expected POST'])
  const untyped = new Promise(resolve => connect(port, '127.0.0.1').setEncoding('utf8').once('data', resolve).write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}'))
  t.match(await untyped, /^HTTP\/1.1 415 /)
  for (const type of ['text/plain', 'application/jsonp', 'application/json5']) {
    t.same(await error(await post('{}', { 'Content-Type': type })), [415, 'expected Content-Type: application/json'])
  }
  t.match(await error(await post('{')), [400, /^body: expected JSON, got /])
  t.match(await error(await post('')), [400, /^body: expected JSON, got /])
  t.same(await error(await post(Buffer.from([0x22, 0xff, 0x22]))), [400, 'body: expected UTF-8'])
  t.same(await error(await post(`"${'a'.repeat(largestBody)}"`)), [413, `body: expected at most ${largestBody} bytes`])
  t.same(received, [])
  t.same(await counts(), { 400: 3, 405: 1, 413: 1, 415: 4 })
})

t.test('a body of the largest size; a body of unknown length is read up to that size', { buffered: true }, async t => {
  const { post, url, received } = await start(t)
  t.equal((await post(`"${'a'.repeat(largestBody - 2)}"`)).status, 202)
  const chunked = async (size: number) => await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: new Blob([`"${'a'.repeat(size - 2)}"`]).stream(),
    duplex: 'half'
  } as RequestInit)
  t.equal((await chunked(largestBody)).status, 202)
  t.equal((await chunked(10 * largestBody)).status, 413)
  t.equal(received.length, 2)
})

t.test('bodies that are nested as deep as possible', { buffered: true }, async t => {
  const { post, received } = await start(t)
  const deep = '['.repeat(largestBody / 2) + ']'.repeat(largestBody / 2)
  t.equal((await post(deep)).status, 202)
  t.equal(received[0]?.text, deep)
})

t.test('bodies that the source refuses, or cannot turn into an event', { buffered: true }, async t => {
  const { post, received, lines } = await start(t, {
    event: ({ data }) => {
      if (data === 'no') return { refusal: { code: 422, error: 'not this' } }
      return { event: makeEvent({ ...content(), extensions: { 'Not A Name': '' } }, {}) }
    }
  })
  t.same(await error(await post('"no"')), [422, 'not this'])
  t.same(await error(await post('{}')), [500, 'cannot make an event from this request'])
  t.match(lines.at(-2), { level: 50, msg: 'cannot make an event from a request' })
  t.equal((await post('"no"')).status, 422, 'and it goes on')
  t.same(received, [])
})

t.test('callers that disconnect or are slow do not block others', { buffered: true }, async t => {
  const { post, port, received, counts } = await start(t)
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
  const open = async (bytes: string) => {
    const socket = connect(port, '127.0.0.1').setEncoding('utf8')
    let answer = ''
    socket.on('data', data => { answer += data }).on('error', () => {})
    socket.write(bytes)
    await once(socket, 'ready')
    return { socket, closed: once(socket, 'close').then(() => answer) }
  }
  const slow = await Promise.all(['', 'POST / HTTP/1.1\r\nHost: a\r\n', `${head}Content-Length: 2\r\n\r\n{`, `${head}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`].map(open))
  const broken = await open(`${head}Content-Length: 2\r\n\r\n{`)
  t.equal((await post('{}')).status, 202)
  broken.socket.destroy()
  await broken.closed
  t.match(await Promise.all(slow.map(async ({ closed }) => await closed)), Array(4).fill(/^(|HTTP\/1.1 408 .*)$/s), 'cut off')
  t.equal((await post('{}')).status, 202)
  t.equal(received.length, 2)
  t.same(await counts(), { 202: 2 })
})

t.test('a caller that has gone gets no answer; its event is delivered', { buffered: true }, async t => {
  const last = { answer: (): void => {} }
  const { port, nth, post, lines } = await start(t, { answer: index => index > 0 ? 202 : new Promise(resolve => { last.answer = () => resolve(202) }) })
  const socket = connect(port, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}')
  await nth(0)
  socket.destroy()
  await once(socket, 'close')
  last.answer()
  await until(() => lines.some(({ msg }) => msg === 'event delivered'))
  t.equal((await post('{}')).status, 202)
})

t.test('a sink that does not answer holds 64 events for 9 s, and no more', { buffered: true }, async t => {
  let answer: Answer = 'silence'
  const clock = new StandingClock()
  const { post, received, counts } = await start(t, { answer: () => answer, clock })
  const all = Array.from({ length: 64 }, async () => await error(await post('{}')))
  await until(() => received.length === 64)
  const more = await post('{}')
  t.equal(more.headers.get('retry-after'), '1')
  t.same(await error(more), [503, 'too many events are under way'])
  clock.advance(9n * second - 1n)
  t.same(await error(await post('{}')), [503, 'too many events are under way'], 'not before the time is over')
  t.equal(received.length, 64)
  clock.advance(1n)
  t.same(await Promise.all(all), Array(64).fill([503, 'the sink has not accepted the event']))
  answer = 202
  t.equal((await post('{}')).status, 202, 'then there is room again')
  t.same(await counts(), { 202: 1, 503: 66 })
})

t.test('stopped: running deliveries are finished and answered, and no new one starts', { buffered: true }, async t => {
  const last = { answer: (): void => {} }
  const { receiver, post, nth, received, port } = await start(t, { answer: () => new Promise(resolve => { last.answer = () => resolve(202) }) })
  const late = connect(port, '127.0.0.1').setEncoding('utf8')
  let answer = ''
  late.on('data', data => { answer += data })
  await once(late, 'connect')
  late.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{')
  const underWay = post('{}')
  await nth(0)
  const stopped = receiver.stop(60_000)
  await t.rejects(post('{}'), 'nobody listens any more')
  late.write('}')
  await once(late, 'close')
  t.match(answer, /^HTTP\/1.1 503 .*\r\nConnection: close\r\n.*\{"error":"stopping"\}$/s)
  last.answer()
  await stopped
  const response = await underWay
  t.equal(response.status, 202)
  t.equal(response.headers.get('connection'), 'close')
  t.equal(received.length, 1)
})

t.test('stopped: deliveries that still run after the grace period are given up', { buffered: true }, async t => {
  const { receiver, post, nth, lines } = await start(t, { answer: () => 'silence' })
  const underWay = post('{}')
  await nth(0)
  await receiver.stop(100)
  t.same(await error(await underWay), [503, 'the sink has not accepted the event'])
  t.match(lines.find(({ level }) => level === 50), { msg: /^event lost/ })
})

t.test('a port in use is an error', { buffered: true }, async t => {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const receiver = makeReceiver({
    port,
    event: () => ({ refusal: { code: 422, error: 'any' } }),
    metricsPrefix,
    ...makeDelivery({ send: async () => ({ statusCode: 202, retryAfter: undefined }), clock: makeClock(), metrics: makeReadableMetrics(), logger: makeLog().logger })
  })
  await t.rejects(Promise.resolve(receiver.start()), { code: 'EADDRINUSE' })
  server.close()
})
