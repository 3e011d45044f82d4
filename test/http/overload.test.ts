import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { memoryLimit, type OverloadLimits } from '../../src/http/overload.js'
import { readRequest } from '../widget/widget.js'
import { until } from '../until.js'
import { post, startHook } from './hook.js'

const request = readRequest('ready')
const body = JSON.stringify(request)

/** A hook with low limits. */
async function startLimitedHook (t: Test, limits: Partial<OverloadLimits>) {
  const hook = await startHook(t, { limits: { maxConcurrentRequests: 100, maxConcurrentBytes: 1e9, maxEventLoopDelayMs: 0, maxMemoryBytes: 0, ...limits } })
  return {
    ...hook,
    /** The number of requests answered 429, by reason. */
    shed: async () => Object.fromEntries((await hook.metrics.shedRequests.get()).values.filter(({ value }) => value > 0).map(({ labels, value }) => [labels.reason, value])),
    /** Starts a request with a body, and sends that many bytes of it. */
    async begin (bytes = 0, connection = 'close', localAddress = '127.0.0.1'): Promise<Socket> {
      const socket = connect({ port: Number(new URL(hook.url).port), host: '127.0.0.1', localAddress, noDelay: true })
      const begun = once(hook.app.server, 'request')
      socket.write(`POST /sync HTTP/1.1\r\nHost: hook\r\nConnection: ${connection}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, bytes)}`)
      await begun
      return socket
    }
  }
}

t.test('with too many concurrent requests, the one that has been idle for the longest time is refused', async t => {
  const { url, begin, shed, lines } = await startLimitedHook(t, { maxConcurrentRequests: 2 })
  const first = await begin(0, 'keep-alive')
  const second = await begin()
  const answer = once(first, 'data')
  t.equal((await post(url, request)).status, 200)
  t.match(String(await answer), /^HTTP\/1.1 429 .*\r\nretry-after: [1-5]\r\n.*\{"error":"overloaded"\}$/s)
  t.strictSame(await shed(), { requests: 1 })
  t.match(lines.filter(({ level }) => level > 20), [{ level: 40, reason: 'requests', requests: 1, msg: 'overloaded: requests are answered 429' }])
  second.end(body)
  t.match(await text(second), /^HTTP\/1.1 200 /, 'the other one is finished')

  const many = []
  for (let sent = 0; sent < 10; sent++) many.push(await begin())
  t.strictSame(await shed(), { requests: 9 })
  t.equal(lines.filter(({ level }) => level > 20).length, 1, 'a flood does not flood the log')
  for (const socket of [first, ...many]) socket.destroy()
})

t.test('it is one of the caller with the most requests', async t => {
  const { url, begin, shed } = await startLimitedHook(t, { maxConcurrentRequests: 4 })
  const other = await begin(0, 'close', '127.0.0.3')
  const [first, second] = [await begin(0, 'close', '127.0.0.2'), await begin(0, 'keep-alive', '127.0.0.2')]
  first.write(body.slice(0, 1))
  const another = await begin(0, 'close', '127.0.0.4')
  const answer = once(second, 'data')
  t.equal((await post(url, request)).status, 200)
  t.match(String(await answer), /^HTTP\/1.1 429 /)
  t.strictSame(await shed(), { requests: 1 })
  second.write(body)
  t.equal((await post(url, request)).status, 200, 'the rest of the refused request is discarded')
  for (const socket of [first, second, other, another]) socket.destroy()
})

/** Goes on sending, so slowly that it would never end, until it is told to finish. */
function trickle (socket: Socket, from: number) {
  let sent = from
  const timer = setInterval(() => socket.write(body.slice(sent, ++sent)), 50)
  socket.once('close', () => clearInterval(timer))
  return () => {
    clearInterval(timer)
    socket.end(body.slice(sent))
  }
}

t.test('with too many bytes of bodies at a time, the next body waits for up to 2 s', async t => {
  const { url, begin, shed } = await startLimitedHook(t, { maxConcurrentBytes: 3 * body.length })
  const announced = await begin()
  const small = body.length * 3 / 64
  const senders = [await begin(small + 1), await begin(small + 1), await begin(small + 1)]
  const [finish] = senders.map(socket => trickle(socket, small + 1))
  const gone = await begin(small + 1)
  const waiting = [post(url, request), post(url, request)]
  gone.resetAndDestroy()
  finish!()
  t.match(await text(senders[0]!), /^HTTP\/1.1 200 /)
  t.same((await Promise.all(waiting)).map(({ status }) => status), [200, 200], 'they have waited; bytes that are announced and not sent take no room')
  t.strictSame(await shed(), {})

  const another = await begin(small + 1)
  trickle(another, small + 1)
  const start = performance.now()
  const { status, headers, body: answer } = await post(url, request)
  t.same({ status, answer }, { status: 429, answer: { error: 'overloaded' } })
  t.match(headers.get('retry-after'), /^[1-5]$/)
  t.ok(performance.now() - start > 1_900)
  t.strictSame(await shed(), { bytes: 1 })

  for (const socket of [announced, another, ...senders]) socket.destroy()
  t.equal((await post(url, request)).status, 200)
})

t.test('a body that stalls is cut off while others wait, and only then', async t => {
  const { url, begin, shed } = await startLimitedHook(t, { maxConcurrentBytes: body.length })
  const stopped = await begin(body.length / 2)
  await setTimeout(1_000)
  t.equal(stopped.readyState, 'open')
  const answer = text(stopped)
  t.equal((await post(url, request)).status, 200)
  t.match(await answer, /^HTTP\/1.1 408 .*\{"error":"request: expected in full, got only a part in time"\}$/s)
  t.strictSame(await shed(), {})
})

t.test('a small body never waits', async t => {
  const { url, begin, shed } = await startLimitedHook(t, { maxConcurrentBytes: 64 * body.length, maxConcurrentRequests: 1000 })
  const others: Socket[] = []
  for (let other = 0; other < 100; other++) others.push(await begin(body.length - 1))
  t.equal((await post(url, request)).status, 200)
  t.strictSame(await shed(), {})
  for (const socket of others) socket.destroy()
})

t.test('a body that is too large does not count, and one of unknown length is refused', async t => {
  const { url, begin } = await startLimitedHook(t, { maxConcurrentBytes: 2 * body.length })
  const first = await begin(body.length - 1)
  t.equal((await post(url, `"${'x'.repeat(1024 * 1024)}"`)).status, 413)
  const chunked = await fetch(`${url}/sync`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: new Blob([body]).stream(), duplex: 'half' } as RequestInit)
  t.same([chunked.status, await chunked.json()], [411, { error: 'Content-Length: required' }])
  t.equal((await fetch(url)).status, 404)
  t.equal((await post(url, request)).status, 200)
  first.destroy()
})

t.test('the only request is accepted, however large it is', async t => {
  const { url } = await startLimitedHook(t, { maxConcurrentBytes: 1 })
  t.equal((await post(url, request)).status, 200)
})

t.test('requests are refused while the event loop is late', async t => {
  const { url, begin, shed } = await startLimitedHook(t, { maxEventLoopDelayMs: 20 })
  const first = await begin()
  t.equal((await post(url, request)).status, 200)
  const timer = setInterval(() => {
    const start = performance.now()
    while (performance.now() - start < 100);
  }, 1)
  await until(async () => (await post(url, request)).status === 429)
  t.ok((await shed())['event_loop'])
  clearInterval(timer)
  await until(async () => (await post(url, request)).status === 200)
  first.destroy()
})

t.test('requests are refused while memory is short, except the only one', async t => {
  const { url, begin, shed } = await startLimitedHook(t, { maxMemoryBytes: 1 })
  const first = await begin()
  await until(async () => (await post(url, request)).status === 429)
  t.ok((await shed())['memory'])
  first.end(body)
  t.match(await text(first), /^HTTP\/1.1 200 /)
  await until(async () => (await post(url, request)).status === 200)
})

t.test('memory is limited if the container\'s memory is', async t => {
  t.equal(memoryLimit(256 * 1024 * 1024, 8 * 1024 ** 3), 241591910)
  t.equal(memoryLimit(18446744073709552000, 8 * 1024 ** 3), 0)
  t.equal(memoryLimit(0, 8 * 1024 ** 3), 0)
})
