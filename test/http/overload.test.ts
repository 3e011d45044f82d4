import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
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
  const inFlight = async () => (await hook.metrics.registry.getSingleMetric('widget_hook_requests_in_flight')?.get())?.values[0]?.value
  return {
    ...hook,
    /** Why requests were answered 429, and how many. */
    shed: async () => Object.fromEntries((await hook.metrics.shedRequests.get()).values.filter(({ value }) => value > 0).map(({ labels, value }) => [labels.reason, value])),
    /** Begins a request whose body is as long as it says. */
    async begin (length = body.length): Promise<Socket> {
      const before = await inFlight() as number
      const socket = connect(Number(new URL(hook.url).port), '127.0.0.1')
      await once(socket, 'connect')
      socket.write(`POST /sync HTTP/1.1\r\nHost: hook\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`)
      await until(async () => await inFlight() as number > before)
      return socket
    }
  }
}

t.test('too many requests at a time: 429 with Retry-After', async t => {
  const { url, begin, shed, lines } = await startLimitedHook(t, { maxConcurrentRequests: 2 })
  const [first, second] = [await begin(), await begin()]
  for (let sent = 0; sent < 20; sent++) {
    const { status, headers, body } = await post(url, request)
    t.same({ status, body }, { status: 429, body: { error: 'overloaded' } })
    t.match(headers.get('retry-after'), /^[1-5]$/)
  }
  t.strictSame(await shed(), { requests: 20 })
  t.match(lines.filter(({ level }) => level > 20), [{ level: 40, reason: 'requests', requests: 2, msg: 'overloaded: requests are answered 429' }])
  t.equal(lines.filter(({ level }) => level > 20).length, 1, 'a flood does not flood the log')
  second.end(body)
  t.match(await text(second), /^HTTP\/1.1 200 /)
  t.equal((await post(url, request)).status, 200)
  first.destroy()
})

t.test('too many bytes of bodies at a time: the next waits for its turn, for 2 s', async t => {
  const { url, begin, shed } = await startLimitedHook(t, { maxConcurrentBytes: 3 * body.length })
  const [first, second, third] = [await begin(), await begin(), await begin()]
  const gone = await begin()
  const waiting = [post(url, request), post(url, request)]
  gone.resetAndDestroy()
  third.end(body)
  t.match(await text(third), /^HTTP\/1.1 200 /)
  t.same((await Promise.all(waiting)).map(({ status }) => status), [200, 200], 'they have waited')
  t.strictSame(await shed(), {})

  const fourth = await begin()
  const start = performance.now()
  const { status, headers, body: answer } = await post(url, request)
  t.same({ status, answer }, { status: 429, answer: { error: 'overloaded' } })
  t.match(headers.get('retry-after'), /^[1-5]$/)
  const waited = performance.now() - start
  t.ok(waited > 1_900 && waited < 7_000, `${waited} ms`)
  t.strictSame(await shed(), { bytes: 1 })

  for (const socket of [first, second, fourth]) socket.destroy()
  t.equal((await post(url, request)).status, 200)
})

t.test('a body that is too large does not count, one of unknown length is refused', async t => {
  const { url, begin } = await startLimitedHook(t, { maxConcurrentBytes: 2 * body.length })
  const first = await begin()
  t.equal((await post(url, `"${'x'.repeat(1024 * 1024)}"`)).status, 413)
  const chunked = await fetch(`${url}/sync`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: new Blob([body]).stream(), duplex: 'half' } as RequestInit)
  t.same([chunked.status, await chunked.json()], [411, { error: 'Content-Length: required' }])
  t.equal((await fetch(url)).status, 404)
  t.equal((await post(url, request)).status, 200)
  first.destroy()
})

t.test('a request is let in where there is no other, however large', async t => {
  const { url } = await startLimitedHook(t, { maxConcurrentBytes: 1 })
  t.equal((await post(url, request)).status, 200)
})

t.test('an event loop that is late, and for as long as it is', async t => {
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

t.test('too much memory; a request is let in where there is no other', async t => {
  const { url, begin, shed } = await startLimitedHook(t, { maxMemoryBytes: 1 })
  const first = await begin()
  await until(async () => (await post(url, request)).status === 429)
  t.ok((await shed())['memory'])
  first.end(body)
  t.match(await text(first), /^HTTP\/1.1 200 /)
  await until(async () => (await post(url, request)).status === 200)
})

t.test('memory is limited where the container\'s is', async t => {
  t.equal(memoryLimit(256 * 1024 * 1024, 8 * 1024 ** 3), 241591910)
  t.equal(memoryLimit(18446744073709552000, 8 * 1024 ** 3), 0)
  t.equal(memoryLimit(0, 8 * 1024 ** 3), 0)
})
