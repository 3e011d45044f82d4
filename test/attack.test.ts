import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import t from 'tap'
import { attacks, type Attack } from './attacks.js'
import { readFixture, withoutNow } from './fixtures.js'
import { HookProcess } from './hook-process.js'
import { until } from './until.js'

/* Whatever is sent to a real process: it lives on, and answers who comes next as if nothing had been. */

const attackers = 8
const attacksEach = 1_300

/**
 * How many connections are left half open at a time, the oldest are ended then. The hook ends them after 9 s, which is
 * long: as many as MAX_CONCURRENT_REQUESTS would keep others out until then.
 */
const mostHalfOpen = 150
const halfOpenSockets: Socket[] = []

/** How much more may be in use at the end than at the beginning, in bytes: what V8 makes of the code as it learns. */
const growth = 16 * 1024 * 1024

const good = readFixture('ready')
const body = Buffer.from(JSON.stringify(good.request))

/** Sends a request, and reads the answer: its status and its text. */
async function post (url: URL, agent: Agent, { headers, body }: { headers: Record<string, string>, body: Buffer }) {
  const sent = request(url, { method: 'POST', agent, headers: { 'content-length': body.length, ...headers } })
  sent.end(body)
  const [response] = await once(sent, 'response') as [IncomingMessage]
  return { status: response.statusCode as number, text: (await buffer(response)).toString() }
}

/** Sends bytes over a connection of their own, and reads the statuses of all answers until it ends. */
async function write (url: URL, bytes: Buffer, halfOpen: boolean): Promise<number[]> {
  const socket = connect({ port: Number(url.port), host: url.hostname, allowHalfOpen: true })
  // The hook may have ended the connection while bytes were still to come.
  socket.on('error', () => {})
  if (halfOpen) {
    // It is left alone: nobody waits for what the hook makes of it.
    socket.write(bytes)
    socket.unref().resume()
    if (halfOpenSockets.push(socket) > mostHalfOpen) halfOpenSockets.shift()!.destroy()
    return []
  }
  socket.end(bytes)
  const answered = await buffer(socket).catch(() => Buffer.of())
  return [...answered.toString('latin1').matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status))
}

t.test('more than 10,000 attacks: only 200 and 4xx, no crash, no growth, and good requests between any two', async t => {
  const process = new HookProcess({ RECEIVE_ADAPTER_IMAGE: 'registry.example/samplesource-hook:v1', BODY_LIMIT_BYTES: String(1024 * 1024) })
  t.teardown(() => process.kill('SIGKILL'))
  const { hook, ops } = await process.ready()
  const url = new URL('/sync', hook)
  const seen = new Map<number, number>()

  async function strike (attack: Attack, agent: Agent): Promise<void> {
    const statuses = 'bytes' in attack ? await write(url, attack.bytes, attack.halfOpen) : [(await post(url, agent, attack)).status]
    for (const status of statuses) {
      seen.set(status, (seen.get(status) ?? 0) + 1)
      if (status !== 200 && (status < 400 || status > 499)) throw new Error(`answered ${status}`)
    }
  }

  const answer = await post(url, new Agent(), { headers: { 'content-type': 'application/json' }, body })
  t.same(withoutNow(good.request, JSON.parse(answer.text)), withoutNow(good.request, good.response))

  async function attackALot (runs: number): Promise<void> {
    await Promise.all(Array.from({ length: attackers }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      await fc.assert(fc.asyncProperty(attacks(good.request), async attack => {
        await strike(attack, agent)
        const { status, text } = await post(url, agent, { headers: { 'content-type': 'application/json' }, body })
        if (status !== 200 || text !== answer.text) throw new Error(`a good request was answered ${status}: ${text}`)
      }), { numRuns: runs, endOnFailure: true })
      agent.destroy()
    }))
  }

  /** What the process has in use, by its own metrics. */
  async function inUse (): Promise<{ memory: number, files: number }> {
    const text = await (await fetch(`${ops}/metrics`)).text()
    const value = (name: string) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1])
    return { memory: value('nodejs_heap_size_used_bytes') + value('nodejs_external_memory_bytes'), files: value('process_open_fds') }
  }
  /** Good requests have V8 collect its garbage: the memory in use at its least, in so many of them. */
  async function leastMemory (): Promise<number> {
    const agent = new Agent({ keepAlive: true })
    let least = Infinity
    for (let round = 0; round < 20; round++) {
      for (let time = 0; time < 20; time++) await post(url, agent, { headers: { 'content-type': 'application/json' }, body })
      least = Math.min(least, (await inUse()).memory)
    }
    agent.destroy()
    return least
  }

  const { files } = await inUse()
  await attackALot(200)
  const before = await leastMemory()
  await attackALot(attacksEach - 200)
  // Whoever keeps memory for good never gets there.
  await until(async () => await leastMemory() < before + growth)
  for (const status of [200, 400, 404, 405, 413, 415, 431]) t.ok(seen.has(status), `${status} was among the answers`)

  // Connections that were left half open are ended by the hook.
  await until(async () => (await inUse()).files <= files + 20)
  t.same(process.logs.filter(({ level }) => level >= 50), [])
  process.kill('SIGTERM')
  t.match(await process.ended(), { code: 0, stderr: '' })
})
