import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import * as names from '../src/samplesource/names.js'
import { fixtureEnvironment, readFixture } from './fixtures.js'
import { Program } from './program.js'
import { until } from './until.js'

/* The shutdown of the hook: real processes, real signals, and a client that behaves like Go's. */

const body = JSON.stringify(readFixture('ready').request)
const image = fixtureEnvironment()

/** Sends each new connection to the next endpoint, as a Service does, and keeps it alive, as Go does. */
class ServiceAgent extends Agent {
  endpoints: number[] = []
  #next = 0

  constructor () {
    super({ keepAlive: true, timeout: 90_000 })
  }

  override createConnection (): Socket {
    return connect(this.endpoints[this.#next++ % this.endpoints.length] as number, '127.0.0.1')
  }
}

/** Posts once: a failed POST is not sent again. */
async function post (agent: Agent): Promise<IncomingMessage> {
  const sent = request({ host: 'hook', path: '/sync', method: 'POST', agent, timeout: 10_000, headers: { 'content-type': 'application/json' } })
  sent.end(body)
  const [response] = await once(sent, 'response') as [IncomingMessage]
  await text(response)
  return response
}

async function start (t: Test, env: Record<string, string>) {
  const process = new Program('hook', { ...image, ...env }, { t })
  const { hook, ops } = await process.ready()
  return { process, ops, port: Number(new URL(hook).port) }
}

/** In the metrics of a replica: it has taken over. */
const used = new RegExp(`^${names.metricsPrefix}_hook_requests_total\\{hook="sync",code="200"\\} [1-9]\\d+$`, 'm')

t.test('two replicas are replaced under load without losing a request', async t => {
  // Longer than the Service takes to hear of it, however slow this machine is.
  const env = { SHUTDOWN_DELAY_MS: '10000' }
  const agent = new ServiceAgent()
  t.teardown(() => agent.destroy())
  const [first, second, third, fourth] = await Promise.all([start(t, env), start(t, env), start(t, env), start(t, env)])
  const old = [first, second]
  const replacements = [third, fourth]
  agent.endpoints = old.map(({ port }) => port)

  const load = new AbortController()
  let answers = 0
  const failures: unknown[] = []
  const worker = async () => {
    while (!load.signal.aborted) {
      try {
        const { statusCode } = await post(agent)
        answers++
        // As long as an answer takes, so that the replicas are busy and not worn out.
        await sleep(100)
        if (statusCode !== 200) failures.push(statusCode)
      } catch (error) {
        failures.push(error)
      }
    }
  }
  const workers = Array.from({ length: 5 }, worker)

  for (const [index, { process, ops, port }] of old.entries()) {
    agent.endpoints.push(replacements[index]!.port)
    const before = answers
    await until(() => answers > before + 20)
    process.kill('SIGTERM')
    await until(async () => (await fetch(`${ops}/readyz`)).status === 503)
    // The Service learns of it a little later; until then the replica goes on serving.
    const then = answers
    await until(() => answers > then + 20)
    agent.endpoints = agent.endpoints.filter(endpoint => endpoint !== port)
    t.match(await process.ended(), { code: 0, stderr: '' })
  }
  const isUsed = async ({ ops }: { ops: string }) => used.test(await (await fetch(`${ops}/metrics`)).text())
  await until(async () => (await Promise.all(replacements.map(isUsed))).every(Boolean))
  load.abort()
  await Promise.all(workers)
  t.strictSame(failures, [])

  for (const { process } of replacements) process.kill('SIGTERM')
  for (const { process } of replacements) t.match(await process.ended(), { code: 0 })
})

t.test('after SIGTERM: not ready at once, and served on with Connection: close', async t => {
  const { process, ops, port } = await start(t, { SHUTDOWN_DELAY_MS: '600000' })
  process.kill('SIGTERM')
  await until(async () => (await fetch(`${ops}/readyz`)).status === 503)
  t.equal((await fetch(`${ops}/healthz`)).status, 200)
  const agent = new ServiceAgent()
  agent.endpoints = [port]
  const { statusCode, headers } = await post(agent)
  t.strictSame([statusCode, headers.connection], [200, 'close'])
  process.kill('SIGTERM')
  t.match(await process.ended(), { code: 1, stderr: '' }, 'a second one does not wait')
})

t.test('and gone when the delay is over', async t => {
  const { process } = await start(t, { SHUTDOWN_DELAY_MS: '1000' })
  const begun = performance.now()
  process.kill('SIGTERM')
  t.match(await process.ended(), { code: 0, stderr: '' })
  t.ok(performance.now() - begun > 900)
})

t.test('it does not wait for an idle connection to the ops port', async t => {
  const { process, ops } = await start(t, { SHUTDOWN_DELAY_MS: '0' })
  const silent = connect(Number(new URL(ops).port), '127.0.0.1').on('error', () => {})
  await once(silent, 'connect')
  const halfOpen = connect(Number(new URL(ops).port), '127.0.0.1').on('error', () => {})
  halfOpen.write('GET /metr')
  await fetch(`${ops}/healthz`)
  process.kill('SIGTERM')
  t.match(await process.ended(), { code: 0, stderr: '' })
})

t.test('requests in flight are finished, and it does not wait for one that never ends', async t => {
  const { process, port } = await start(t, { SHUTDOWN_DELAY_MS: '0' })
  const begin = async () => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.write(`POST /sync HTTP/1.1\r\nHost: hook\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n{`)
    return socket
  }
  const [inFlight, endless] = [await begin(), await begin()]
  // It is answered once the two before it are read as far as they go.
  const agent = new ServiceAgent()
  agent.endpoints = [port]
  await post(agent)
  agent.destroy()

  process.kill('SIGTERM')
  await until(() => process.logs.some(({ msg }) => msg === 'stopping'))
  inFlight.write(body.slice(1))
  t.match(await text(inFlight), /^HTTP\/1.1 200 OK\r\n.*connection: close\r\n/si)
  endless.on('error', () => {})
  t.match(await process.ended(), { code: 0, stderr: '' })
})
