import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { readFixture } from '../fixtures.js'
import { RecordingProxy } from './proxy.js'
import { Recorder } from './recorder.js'

const { request, response } = readFixture('ready')

/** A hook with this answer, behind a proxy. */
async function start (t: Test, answer: RequestListener) {
  const hook = createServer(answer)
  await once(hook.listen(0, '127.0.0.1'), 'listening')
  const recorder = new Recorder(request.parent.metadata.name)
  const proxy = await RecordingProxy.start(`http://127.0.0.1:${(hook.address() as AddressInfo).port}`, recorder, { host: '127.0.0.1', port: 0 })
  const endHook = async () => {
    hook.closeAllConnections()
    await new Promise(resolve => hook.close(resolve))
  }
  t.teardown(async () => {
    await proxy.stop()
    await endHook()
  })
  const post = async (path: string, headers = {}) => await fetch(proxy.url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(request) })
  return { recorder, post, endHook }
}

t.test('everything is passed on unchanged, and syncs are recorded', async t => {
  const { recorder, post } = await start(t, (request, reply) => {
    reply.setHeader('ETag', '"1"').writeHead(request.headers['if-none-match'] === '"1"' ? 304 : 200)
    reply.end(request.headers['if-none-match'] === undefined ? JSON.stringify(response) : undefined)
  })
  t.equal((await post('/finalize')).status, 200)
  t.notOk(recorder.has('ready'), 'a finalize is not recorded')
  t.match(await post('/sync', { 'If-None-Match': '"1"' }), { status: 304 })
  t.notOk(recorder.has('ready'), 'an answer that is not sent again neither')
  const answer = await post('/sync')
  t.equal(answer.headers.get('etag'), '"1"')
  t.same(await answer.json(), response)
  t.ok(recorder.has('ready'))
})

t.test('a refusal is passed on', async t => {
  const { recorder, post } = await start(t, (_, reply) => reply.writeHead(400).end('{"error":"no"}'))
  const answer = await post('/sync')
  t.equal(answer.status, 400)
  t.equal(await answer.text(), '{"error":"no"}')
  t.equal(recorder.missing.length, 9)
})

t.test('a hook that is gone', async t => {
  const { post, endHook } = await start(t, (_, reply) => reply.end())
  await endHook()
  await t.rejects(post('/sync'), { message: 'fetch failed' })
})
