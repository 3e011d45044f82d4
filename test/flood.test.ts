import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { readFixture } from './fixtures.js'
import { Program } from './program.js'
import { isSoak } from './soak.js'

/* Far too much at once, for a real process with the heap that it has in the container of the manifests. */

const { request: ready } = readFixture('ready')
const size = 16 * 1024 * 1024

/** A valid request of the largest size, with a part that the hook does not read. */
function bodyWith (ballast: string): Buffer {
  return Buffer.from(JSON.stringify({ ...ready, related: 0 }).replace('"related":0', `"related":${ballast}`))
}

const room = size - bodyWith('').length - 100

const bodies = {
  'one long text': bodyWith(`"${'x'.repeat(room)}"`),
  'text that takes two bytes a character': bodyWith(`"${'€'.repeat(Math.floor(room / 3))}"`),
  objects: bodyWith(`[${JSON.stringify({ name: 'name', value: 'a value that is not the shortest there is' }).concat(',').repeat(Math.floor(room / 68))}{}]`),
  'nothing but brackets': bodyWith(`[${'[],'.repeat(Math.floor(room / 3))}[]]`)
}

/** Posts a body. A busy machine may send it so slowly that it is cut off before or after its answer: that is a 408. */
async function post (url: string, body: Buffer, agent: Agent): Promise<Pick<IncomingMessage, 'statusCode' | 'headers'>> {
  const sent = request(`${url}/sync`, { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': body.length } })
    .on('error', () => {})
    // After the answer, the connection may be cut off while the rest of the body is sent.
    .on('socket', socket => socket.setMaxListeners(0).on('error', () => {}))
  sent.end(body)
  try {
    const [response] = await once(sent, 'response') as [IncomingMessage]
    await text(response)
    return response
  } catch {
    return { statusCode: 408, headers: {} }
  }
}

t.test('memory stays bounded under a flood of 16 MiB bodies', async t => {
  const process = new Program('hook', { RECEIVE_ADAPTER_IMAGE: 'image:1', NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=4' }, { t })
  const { hook, ops } = await process.ready()
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const seen = new Set<number | undefined>()
  /** Posts a body many times at once. @returns the status codes */
  const flood = async (body: Buffer, count: number) => {
    const responses = await Promise.all(Array.from({ length: count }, () => post(hook, body, agent)))
    t.strictSame(responses.filter(({ statusCode, headers }) => statusCode === 429 && !/^[1-5]$/.test(headers['retry-after'] ?? '')), [])
    const statuses = responses.map(({ statusCode }) => statusCode)
    t.strictSame(statuses.filter(status => status !== 200 && status !== 408 && status !== 413 && status !== 429), [])
    for (const status of statuses) seen.add(status)
    return statuses
  }
  for (const [name, body] of Object.entries(bodies).slice(isSoak ? 0 : -2)) {
    t.ok(body.length > size - 1000 && body.length <= size, name)
    const statuses = await flood(body, isSoak ? 40 : 15)
    t.ok(statuses.includes(name === 'nothing but brackets' ? 413 : 200), `${name}: ${statuses}`)
    t.equal((await fetch(`${ops}/healthz`)).status, 200)
  }
  // A fast machine may answer all of so few in time.
  for (let count = 30; !seen.has(429) && count < 1000; count *= 2) await flood(bodies.objects, count)
  t.ok(seen.has(429), 'not all of them at once')
  const megabytes = process.peakMemory / 1024 / 1024
  t.ok(megabytes < 450, `${megabytes.toFixed()} MiB at the most`)
  t.equal((await post(hook, Buffer.from(JSON.stringify(ready)), agent)).statusCode, 200)
  process.kill('SIGTERM')
  t.match(await process.ended(), { code: 0 })
})
