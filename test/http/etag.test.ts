import t from 'tap'
import { readRequest } from '../widget/widget.js'
import { startHook } from './hook.js'

/** A fixture's request, from a controller with this `etag` setting. */
function requestWith (name: string, etag?: unknown): any {
  const request = readRequest(name)
  const { webhook } = request.controller.spec.hooks.sync
  return { ...request, controller: { ...request.controller, spec: { ...request.controller.spec, hooks: { sync: { webhook: { ...webhook, etag } } } } } }
}

t.test('with etag.enabled, an answer that Metacontroller already has is a 304', async t => {
  const { url } = await startHook(t)
  const post = async (request: any, ifNoneMatch?: string | null) => {
    const headers = { 'content-type': 'application/json', ...(ifNoneMatch != null && { 'if-none-match': ifNoneMatch }) }
    const response = await fetch(`${url}/sync`, { method: 'POST', headers, body: JSON.stringify(request) })
    return { status: response.status, etag: response.headers.get('etag'), body: await response.text() }
  }
  const ready = requestWith('ready', { enabled: true })
  const first = await post(ready)
  t.match(first, { status: 200, etag: /^"[\w-]{43}"$/ })
  t.same(await post(ready, first.etag), { status: 304, etag: first.etag, body: '' })
  t.same(await post(ready, '"another"'), first)

  const changed = await post(requestWith('create', { enabled: true }), first.etag)
  t.equal(changed.status, 200)
  t.not(changed.etag, first.etag)

  for (const etag of [undefined, null, {}, { enabled: false }, { enabled: 'true' }]) {
    t.match(await post(requestWith('ready', etag), first.etag), { status: 200, etag: null, body: first.body })
  }
  t.match(await post({ ...ready, parent: null }, first.etag), { status: 400, etag: null })
})
