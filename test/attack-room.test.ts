import { once, setMaxListeners } from 'node:events'
import { Agent } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { metricsPrefix } from '../src/samplesource/names.js'
import { bodies } from './bench/bodies.js'
import { readFixture } from './fixtures.js'
import type { KubeObject } from './harness/resource.js'
import { Program } from './program.js'
import { isSoak } from './soak.js'
import { callOrdinarily, headOf, hostileCallers, openConnection, post } from './hostile-callers.js'
import { until } from './until.js'

/*
 * Callers that hold resources of the running process. Meanwhile, all ordinary calls are answered. `npm run bench`
 * measures how quickly.
 */

const mebibyte = 1024 * 1024
const { request: ready } = readFixture('ready')

/** A hook with the heap that it has in the container of the manifests. */
async function startHook (t: Test, env: Record<string, string> = {}) {
  // On a busy machine a large body takes seconds, and then the event loop is too late.
  const hook = new Program('hook', { RECEIVE_ADAPTER_IMAGE: 'image:1', NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=4', MAX_EVENT_LOOP_DELAY_MS: '0', ...env }, { t })
  const { hook: url, ops } = await hook.ready()
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  t.teardown(async () => {
    stop.abort()
    hook.kill('SIGKILL')
    await hook.ended()
  })
  const metric = async (name: string) => Number(new RegExp(`^(?:${metricsPrefix}_)?${name} (.*)$`, 'm').exec(await (await fetch(`${ops}/metrics`)).text())?.[1])
  return {
    hook,
    port: Number(new URL(url).port),
    signal: stop.signal,
    metric,
    inFlight: async () => await metric('hook_requests_in_flight'),
    async end () {
      stop.abort()
      await until(async () => await metric('hook_requests_in_flight') === 0)
      hook.kill('SIGTERM')
      t.match(await hook.ended(), { code: 0, stderr: '' })
      t.strictSame(hook.logs.filter(({ level }) => level > 40), [])
    }
  }
}

/** A valid request of a given size with an invalid spec: its large children come back unchanged in the answer. */
function invalidRequest (bytes: number): string {
  const [group = ''] = Object.keys(ready.children)
  const [[key = '', child] = []] = Object.entries<KubeObject>(ready.children[group])
  const annotations = { note: 'x'.repeat(bytes) }
  const managedFields = [{ manager: 'metacontroller', operation: 'Apply', apiVersion: 'apps/v1', fieldsType: 'FieldsV1', fieldsV1: { 'f:metadata': { 'f:ownerReferences': {}, 'f:annotations': {} } } }]
  const large = { ...child, metadata: { ...child?.metadata, annotations, managedFields } }
  return JSON.stringify({ ...ready, parent: { ...ready.parent, spec: null }, children: { ...ready.children, [group]: { [key]: large } } })
}

for (const [name, attack] of Object.entries(hostileCallers(bodies['1 MiB']))) {
  t.test(name, async t => {
    const { port, signal, end } = await startHook(t)
    const attacking = attack(port, signal)
    await sleep(500)
    const { failures, times } = await callOrdinarily(port, bodies.ready, { amount: isSoak ? 60 : 5 })
    t.strictSame(failures, {}, `${times.length} calls`)
    await end()
    await attacking
  })
}

t.test('a request that gets a byte now and then does not last long', async t => {
  const { port, signal, end } = await startHook(t)
  const socket = await openConnection(port, signal)
  socket.write(headOf(10_000))
  const timer = setInterval(() => socket.write(' '), 400)
  const [answer] = await once(socket, 'data')
  clearInterval(timer)
  t.match(String(answer), /^HTTP\/1.1 408 /)
  t.ok(socket.bytesWritten < 5_000)
  await end()
})

t.test('callers from many addresses each get their share', async t => {
  const { port, signal, end, inFlight } = await startHook(t, { MAX_CONCURRENT_REQUESTS: '20' })
  // One address holds everything, and keeps sending. The honest calls come from another address.
  const held = await Promise.all(Array.from({ length: 20 }, async () => await openConnection(port, signal, '127.0.0.2')))
  for (const socket of held) socket.write(headOf(100_000))
  await until(async () => await inFlight() === 20)
  const timer = setInterval(() => { for (const socket of held) if (socket.writable) socket.write(' '.repeat(50)) }, 5)
  const { failures } = await callOrdinarily(port, bodies.ready, { amount: isSoak ? 30 : 15, pause: 10 })
  clearInterval(timer)
  t.strictSame(failures, {})
  await end()
})

t.test('a large body that stalls makes room for one that arrives', async t => {
  const { port, signal, end } = await startHook(t)
  const stopped = await openConnection(port, signal)
  stopped.write(headOf(16 * mebibyte) + ' '.repeat(mebibyte))
  await sleep(200)
  const agent = new Agent()
  t.match(await post(port, agent, bodies['1 MiB']), { statusCode: 200 })
  await end()
})

t.test('answers that nobody reads', async t => {
  for (const [count, megabytes] of [[1, 15.9], [4, 3.9]] as const) {
    const { port, signal, end, inFlight } = await startHook(t)
    const request = invalidRequest(megabytes * mebibyte)
    const takers: Socket[] = []
    for (let taker = 0; taker < count; taker++) {
      const socket = await openConnection(port, signal)
      socket.pause().write(headOf(Buffer.byteLength(request)) + request)
      takers.push(socket)
    }
    // Their answers are being sent: the system has buffered what it can.
    await until(() => takers.every(({ bytesRead }) => bytesRead > 0))
    const { failures } = await callOrdinarily(port, bodies.ready, { amount: isSoak ? 30 : 5 })
    t.strictSame(failures, {}, `${count} of ${megabytes} MiB`)
    t.match(await post(port, new Agent(), bodies['1 MiB']), { statusCode: 200 }, 'also a call that needs the room')
    // They are cut off in the end.
    await until(async () => await inFlight() === 0)
    await end()
  }
})

t.test('one answer that nobody reads, without other callers', async t => {
  const { port, signal, end, inFlight } = await startHook(t)
  const request = invalidRequest(15 * mebibyte)
  const socket = await openConnection(port, signal)
  socket.pause().write(headOf(Buffer.byteLength(request)) + request)
  await until(() => socket.bytesRead > 0)
  t.equal(await inFlight(), 1)
  await until(async () => await inFlight() === 0)
  await end()
})

t.test('lengths behind many headers are seen', async t => {
  const { hook, port, signal, end } = await startHook(t)
  const many = 'A:\r\n'.repeat(2_500)
  const body = ' '.repeat(15.9 * mebibyte)
  await Promise.all(Array.from({ length: isSoak ? 40 : 4 }, async () => {
    const socket = await openConnection(port, signal)
    socket.write(`POST /sync HTTP/1.1\r\nHost: hook\r\nContent-Type: application/json\r\n${many}Content-Length: ${body.length}\r\n\r\n`)
    socket.write(body)
    // Empty if the connection is gone while it still sends.
    const answer = await new Promise(resolve => socket.once('data', resolve).once('close', () => resolve('')))
    t.match(String(answer), /^(HTTP\/1.1 4\d\d |$)/)
    socket.destroy()
  }))
  const chunked = await openConnection(port, signal)
  chunked.write(`POST /sync HTTP/1.1\r\nHost: hook\r\nContent-Type: application/json\r\n${many}Transfer-Encoding: chunked\r\n\r\n1\r\n`)
  t.match(String((await once(chunked, 'data'))[0]), /^HTTP\/1.1 411 /)
  const megabytes = hook.peakMemory / mebibyte
  t.ok(megabytes < 450, `${megabytes.toFixed()} MiB at the most`)
  await end()
})

t.test('with too many connections, those that have been idle for the longest time are closed', async t => {
  const { port, signal, end, metric } = await startHook(t, { MAX_CONCURRENT_REQUESTS: '10' })
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  t.match(await post(port, agent, bodies.ready), { statusCode: 200 })
  for (let time = 0; time < 200; time++) await openConnection(port, signal)
  t.match(await post(port, new Agent(), bodies.ready), { statusCode: 200 })
  t.ok(await metric('nodejs_active_resources\\{type="TCPSocketWrap"\\}') < 60)
  await end()
})
