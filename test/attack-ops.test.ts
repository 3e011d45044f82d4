import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { never } from './adapter/trigger.js'
import { fixtureEnvironment, readFixture } from './fixtures.js'
import { Program } from './program.js'
import { isSoak } from './soak.js'
import { until } from './until.js'

/* Attacks on the ports for the kubelet and Prometheus, of both programs as real processes. */

// These tests only wait most of the time.
t.jobs = 2

const ready = JSON.stringify(readFixture('ready').request)

/** The most connections that such a port keeps. */
const mostConnections = 512

interface Port {
  port: number
  /** The path of the probe that is sent meanwhile, on a separate connection. */
  path: string
}

const programs: Record<string, (t: Test) => Promise<Port>> = {
  'the hook': async t => ({ port: (await startHook(t)).ops, path: '/readyz' }),
  'the adapter': async t => {
    const adapter = new Program('adapter', { ...never, K_SINK: 'http://127.0.0.1:1' }, { t })
    return { port: (await adapter.logged(/^metrics server listening$/))['port'] as number, path: '/metrics' }
  }
}

async function startHook (t: Test) {
  const hook = new Program('hook', fixtureEnvironment(), { t })
  const urls = await hook.ready()
  return { hook: Number(new URL(urls.hook).port), ops: Number(new URL(urls.ops).port) }
}

/** Opens a connection and writes to it. */
async function open (port: number, bytes: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  socket.write(bytes)
  await new Promise(resolve => socket.once('connect', resolve).once('close', resolve))
  return socket
}

/** Probes as the kubelet does. Returns what is wrong with the answer. */
async function probe ({ port, path }: Port): Promise<string | undefined> {
  try {
    const { statusCode, body } = await ask(port, { path, agent: false })
    return statusCode === 200 && body !== '' ? undefined : `${statusCode} ${body}`
  } catch (error) {
    return String(error)
  }
}

async function ask (port: number, options: object, body = '') {
  const sent = request({ host: '127.0.0.1', port, ...options })
  sent.end(body)
  const [response] = await once(sent, 'response') as [IncomingMessage]
  return { statusCode: response.statusCode, body: await text(response) }
}

/** Probes every 50 ms while something goes on. Returns the number of probes, and what was wrong. */
async function probeDuring (target: Port, attack: Promise<unknown>) {
  const over = new AbortController()
  const wrong: string[] = []
  let probes = 0
  const probing = (async () => {
    for (; !over.signal.aborted; probes++) {
      const mistake = await probe(target)
      if (mistake !== undefined) wrong.push(mistake)
      await sleep(50)
    }
  })()
  await attack.finally(() => over.abort())
  await probing
  return { probes, wrong }
}

/** How many files the process has open, by its metrics. The connection of this request is one of them. */
async function openFiles (port: number): Promise<number> {
  const { body } = await ask(port, { path: '/metrics', agent: false })
  return Number(/^process_open_fds (\d+)$/m.exec(body)?.[1])
}

/** How many connections a flood opens, of which up to twice as many as the port keeps at once. */
const floodSize = (isSoak ? 8 : 2) * mostConnections

/** The number of scrapes. */
const scrapes = isSoak ? 1_000 : 100

/** They are compared so often. */
const rounds = 3

/** What somebody sends who does not mean to be answered. */
const held = {
  nothing: '',
  'half of the headers': 'GET /metrics HTTP/1.1\r\nHost: ops\r\nX-Mo',
  'half a body': 'POST /metrics HTTP/1.1\r\nHost: ops\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
  'half a body to nowhere': 'POST /nowhere HTTP/1.1\r\nHost: ops\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
  'a chunk of a body': 'PUT /metrics HTTP/1.1\r\nHost: ops\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n',
  'many requests, and reads no answer': 'GET /metrics HTTP/1.1\r\nHost: ops\r\n\r\n'.repeat(100)
}

for (const [name, start] of Object.entries(programs)) {
  t.test(`${name}: a caller that holds connections is cut off, and blocks no probe`, { buffered: true }, async t => {
    const target = await start(t)
    const before = await openFiles(target.port)
    const sockets: Socket[] = []
    t.teardown(() => sockets.forEach(socket => socket.destroy()))
    const { probes, wrong } = await probeDuring(target, (async () => {
      for (const bytes of Object.values(held)) {
        sockets.push(...await Promise.all(Array.from({ length: 80 }, async () => await open(target.port, bytes))))
      }
      t.strictSame(sockets.filter(({ connecting }) => connecting), [], 'all of them get in')
      // Long enough for the text of the metrics to change.
      await sleep(1_100)
      await until(async () => await openFiles(target.port) < before + 10)
    })())
    t.ok(probes > 0, `${probes} probes`)
    t.strictSame(wrong, [])
  })

  t.test(`${name}: more connections than the port keeps`, { buffered: true }, async t => {
    const target = await start(t)
    const before = await openFiles(target.port)
    const sockets: Socket[] = []
    t.teardown(() => sockets.forEach(socket => socket.destroy()))
    const { probes, wrong } = await probeDuring(target, (async () => {
      let end = () => {}
      const ended = new Promise<void>(resolve => { end = resolve })
      // Each is renewed as soon as it is cut off.
      await Promise.all(Array.from({ length: 2 * mostConnections }, async (_, index) => {
        while (sockets.length < floodSize) {
          const socket = await open(target.port, Object.values(held)[index % 6] as string)
          if (sockets.push(socket.resume()) >= floodSize) end()
          if (!socket.closed) await Promise.race([new Promise(resolve => socket.once('close', resolve)), ended])
        }
      }))
      await sleep(1_100)
      const more = await openFiles(target.port) - before
      t.ok(more < mostConnections + 10, `${more} open`)
    })())
    t.ok(probes > 0, `${probes} probes`)
    t.strictSame(wrong, [])
  })
}

t.test('a flood of scrapes costs hardly more than a flood of probes, and the hook goes on', async t => {
  const { hook, ops } = await startHook(t)
  const agent = new Agent({ keepAlive: true, maxSockets: 10 })
  t.teardown(() => agent.destroy())
  const flood = async (path: string, times: number) => await Promise.all(Array.from({ length: times }, async () => await ask(ops, { path, agent })))
  const cpuSeconds = async () => {
    // Until the text of the metrics changes.
    await sleep(1_100)
    return Number(/^process_cpu_seconds_total (\S+)$/m.exec((await ask(ops, { path: '/metrics', agent })).body)?.[1])
  }
  const costOf = async (path: string) => {
    await flood(path, scrapes / 3)
    const before = await cpuSeconds()
    await flood(path, scrapes)
    return await cpuSeconds() - before
  }
  const costs = { probes: 0, scrapes: 0 }
  for (let round = 0; round < rounds; round++) {
    costs.probes += await costOf('/healthz')
    costs.scrapes += await costOf('/metrics')
  }
  // Made anew for each, the metrics would cost ten times as much.
  t.ok(costs.scrapes < 4 * costs.probes, JSON.stringify(costs))

  const [call] = await Promise.all([
    ask(hook, { path: '/sync', method: 'POST', agent: false, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(ready) } }, ready),
    flood('/metrics', 300)
  ])
  t.equal(call.statusCode, 200)
})
