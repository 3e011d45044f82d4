import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { Type } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import type { OverloadLimits } from '../../src/http/overload.js'
import type { Hook } from '../../src/metacontroller/hook.js'
import { startHook } from './hook.js'

const request = Type.Object({ size: Type.Integer() })

/** A hook that answers with a text of that many characters of three bytes each. */
async function startLargeHook (t: Test, limits: Partial<OverloadLimits> = {}) {
  const sync: Hook<typeof request> = { name: 'sync', request, answer: ({ size }) => ({ response: { text: '€'.repeat(size) } }) }
  const { url } = await startHook(t, { hooks: [sync], limits: { maxConcurrentRequests: 100, maxConcurrentBytes: 1e9, maxEventLoopDelayMs: 0, maxMemoryBytes: 0, ...limits } })
  return {
    post: async (size: number) => await fetch(`${url}/sync`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: bodyOf(size) }),
    /** Posts, and waits for the beginning of the answer without reading it. */
    async begin (size: number, { ballast = 1_000, half = false } = {}): Promise<Socket> {
      const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {})
      t.teardown(() => socket.destroy())
      const body = bodyOf(size, ballast)
      socket.write(`POST /sync HTTP/1.1\r\nHost: hook\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
      if (half) socket.end()
      await once(socket, 'readable')
      return socket
    }
  }
}

const bodyOf = (size: number, ballast = 1_000) => JSON.stringify({ size, ballast: 'x'.repeat(ballast) })

/** More than the system buffers for a reader. */
const large = 5_000_000

t.test('a large answer is sent in slices, and is complete', async t => {
  const { post, begin } = await startLargeHook(t)
  for (const size of [1, 30_000, large]) {
    const response = await post(size)
    t.equal(Number(response.headers.get('content-length')), 3 * size + 11)
    t.equal((await response.json() as { text: string }).text, '€'.repeat(size))
  }

  const reader = await begin(large)
  let bytes = 0
  // Slowly, so that the server checks the reader more than once.
  for (let time = 0; time < 5; time++) {
    bytes += (reader.read() as Buffer | null)?.length ?? 0
    await sleep(400)
  }
  t.ok(bytes < 3 * large)
  for await (const data of reader) bytes += (data as Buffer).length
  t.ok(bytes > 3 * large)
})

t.test('a client that half-closes after the request gets the whole answer', async t => {
  const { begin } = await startLargeHook(t)
  for (const [size, ballast] of [[large, 1_000], [1, 1_000_000]] as const) {
    // Several, so that they wait for each other.
    const readers = await Promise.all(Array.from({ length: 5 }, async () => await begin(size, { ballast, half: true })))
    for (const reader of readers) t.ok((await text(reader)).endsWith(`${'€'.repeat(size)}"}`), `${size} of ${ballast}`)
  }
})

t.test('a client that does not read its answer is cut off', async t => {
  const { post, begin } = await startLargeHook(t, { maxConcurrentRequests: 1 })
  const reader = await begin(large)
  t.equal((await post(1)).status, 200)
  await once(reader.resume(), 'close')
})

t.test('and sooner if others wait for the room of its answer', async t => {
  const { post, begin } = await startLargeHook(t, { maxConcurrentBytes: 1500 })
  const reader = await begin(large)
  t.equal((await post(1)).status, 200)
  await once(reader.resume(), 'close')
})
