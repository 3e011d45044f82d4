import { connect } from 'node:net'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { Type } from '@sinclair/typebox'
import fastify from 'fastify'
import t from 'tap'
import { registerErrorReplies } from '../../src/http/errors.js'
import type { Hook } from '../../src/metacontroller/hook.js'
import { until } from '../until.js'
import { makeHooks, readRequest } from '../widget/widget.js'
import { makeLog, post, startHook } from './hook.js'

const readyRequest = readRequest('ready')
const createRequest = readRequest('create')

/** A request with one of its fields changed. */
function withField (request: any, path: string[], value: unknown): any {
  const copy = structuredClone(request)
  const last = path.at(-1) as string
  const parent = path.slice(0, -1).reduce((object, key) => object[key], copy)
  if (value === undefined) delete parent[last]
  else parent[last] = value
  return copy
}

t.test('bad requests get 4xx with one exact line, and the hook keeps running', async t => {
  const { url, lines } = await startHook(t)
  const json = { 'content-type': 'application/json' }
  const invalid: Array<[string, unknown, string]> = [
    ['not JSON', '{"parent"', "body: expected JSON, got Expected ':' after property name in JSON at position 9"],
    ['cut short', JSON.stringify(createRequest).slice(0, -1), 'body: expected JSON, got Expected \',\' or \'}\' after property value in JSON at position'],
    ['no body', '', 'body: expected a JSON object, got nothing'],
    ['null', null, 'body: expected object, got null'],
    ['an array', [], 'body: expected object, got an array'],
    ['a string', '"parent"', 'body: expected object, got "parent"'],
    ['no parent', { children: {} }, 'parent: required'],
    ['a null parent', { ...createRequest, parent: null }, 'parent: expected object, got null'],
    ['another kind', withField(createRequest, ['parent', 'kind'], 'PingSource'), 'parent.kind: expected "Widget", got "PingSource"'],
    ['another group', withField(createRequest, ['parent', 'apiVersion'], 'sources.knative.dev/v1'), 'parent.apiVersion: expected "example.com/v1", got "sources.knative.dev/v1"'],
    ['no metadata', withField(createRequest, ['parent', 'metadata'], undefined), 'parent.metadata: required'],
    ['no uid', withField(createRequest, ['parent', 'metadata', 'uid'], undefined), 'parent.metadata.uid: required'],
    ['a name that cannot be', withField(createRequest, ['parent', 'metadata', 'name'], 'a_b'), 'parent.metadata.name: expected string to match'],
    ['a generation that is not a number', withField(createRequest, ['parent', 'metadata', 'generation'], '1'), 'parent.metadata.generation: expected integer, got "1"'],
    ['no children', withField(createRequest, ['children'], undefined), 'children: required'],
    ['children that are an array', { ...createRequest, children: [] }, 'children: expected object, got an array'],
    ['a group that is null', { ...createRequest, children: { 'Deployment.apps/v1': null } }, 'children["Deployment.apps/v1"]: expected object, got null'],
    ['a child that is a string', { ...createRequest, children: { 'Deployment.apps/v1': { 'demo/a': 'x' } } }, 'children["Deployment.apps/v1"]["demo/a"]: expected object, got "x"'],
    ['a child that is an array', { ...createRequest, children: { 'Deployment.apps/v1': { 'demo/a': [] } } }, 'children["Deployment.apps/v1"]["demo/a"]: expected object, got an array'],
    ['a field that only the prototype has', '{"__proto__": {"parent": {}}}', 'parent: required'],
    ['deep nesting', '['.repeat(100_000), 'body: expected JSON, got Unexpected end of JSON input']
  ]
  for (const [name, body, error] of invalid) {
    const response = await post(url, body)
    t.equal(response.status, 400, name)
    t.ok(response.body.error.startsWith(error), `${name}: ${response.body.error}`)
    t.notMatch(JSON.stringify(response.body), /\n|\.js:/, 'one line, no stack trace')
    t.same(Object.keys(response.body), ['error'])
  }
  t.equal(lines.filter(({ level }) => level === 40).length, invalid.length, 'each is logged at warn')
  t.same(lines.filter(({ level }) => level > 40), [])

  t.match(await post(url, 'parent=1', { 'content-type': 'application/x-www-form-urlencoded' }),
    { status: 415, body: { error: 'Content-Type: expected application/json, got "application/x-www-form-urlencoded"' } })
  t.match(await post(url, '{}', { 'content-type': 'text/plain' }), { status: 415 })
  const notUtf8 = await fetch(`${url}/sync`, { method: 'POST', headers: json, body: Buffer.from('{"parent": "\xff"}', 'latin1') })
  t.same([notUtf8.status, await notUtf8.json()], [400, { error: 'body: expected UTF-8' }])
  t.match(await post(url, '"€ \\u003c"'), { status: 400, body: { error: 'body: expected object, got "€ <"' } })
  t.match(await post(url, `"${'x'.repeat(1024 * 1024)}"`), { status: 413, body: { error: 'body: expected at most 1048576 bytes, got 1048578' } })
  t.match(await post(url, `{"parent": [${'[],'.repeat(100_000)}[]]}`), { status: 413, body: { error: 'body: expected at most 32768 objects and arrays, got more' } })
  t.match(await post(url, `{"parent": [${'0,'.repeat(200_000)}0]}`), { status: 413, body: { error: 'body: expected at most 43691 fields and items, got more' } })
  t.match(await post(url, `{"parent": [${'[],'.repeat(32_000)} "${'x'.repeat(300_000)}"]}`), { status: 400 })

  const get = await fetch(`${url}/sync`)
  t.equal(get.status, 405)
  t.equal(get.headers.get('allow'), 'POST')
  t.match(await get.json(), { error: 'expected POST /sync, got GET' })
  const elsewhere = await fetch(`${url}/elsewhere?x=1`, { method: 'POST' })
  t.equal(elsewhere.status, 404)
  t.match(await elsewhere.json(), { error: 'no such path: POST /elsewhere' })

  t.match(await (await fetch(`${url}/%ff`)).json(), { error: 'path: expected percent-encoded UTF-8, got "/%ff"' })

  t.equal((await post(url, createRequest)).status, 200)
})

t.test('unused managed fields change neither the answer nor the position of a mistake', async t => {
  const { url } = await startHook(t)
  const sent = JSON.stringify(readyRequest)
  const answered = async (body: string) => {
    const { status, body: { children, error } } = await post(url, body)
    return { status, children, error }
  }
  const expected = await answered(JSON.stringify(readyRequest, null, 2))
  t.match(expected, { status: 200, children: [{ kind: 'Deployment' }, { kind: 'SinkBinding' }] })
  t.same(await answered(sent), expected)
  t.same(await answered(sent.replaceAll('"managedFields":[{', '"managedFields":[{no JSON')), expected, 'they are not even looked at')
  t.match((await answered(`${sent}}`)).error, `body: expected JSON, got Unexpected non-whitespace character after JSON at position ${sent.length}`)
  t.match(await answered(sent.slice(0, sent.lastIndexOf('managedFields') + 20)), { status: 400, error: /^body: expected JSON, got Unterminated string in JSON at position/ })
})

t.test('a body without a Content-Type, or with a wrong length, is refused', async t => {
  const { url } = await startHook(t)
  const { port } = new URL(url)
  const send = async (head: string, body: string) => {
    const socket = connect(Number(port), '127.0.0.1')
    await once(socket, 'connect')
    socket.end(`POST /sync HTTP/1.1\r\nHost: hook\r\nConnection: close\r\n${head}\r\n\r\n${body}`)
    return await text(socket)
  }
  t.match(await send('Content-Length: 2', '{}'), /415 .*Content-Type: expected application\/json, got \\"none\\"/s)
  t.match(await send('Content-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked', '{}'), /^HTTP\/1.1 400 /)
  t.match(await send('Content-Type: application/json; charset=utf-8\r\nContent-Length: 2', '{}'), /400 .*parent: required/s)
})

t.test('the customize hook answers with the objects that concern a source', async t => {
  const system = { namespace: 'demo', loggingConfigMap: 'logging', observabilityConfigMap: 'observability', hookDeployment: 'hook' }
  const { url, metrics } = await startHook(t, { hooks: makeHooks(system) })
  const customize = async (body: unknown) => await post(url, body, { 'content-type': 'application/json' }, '/customize')
  t.match(await customize({ controller: {}, parent: createRequest.parent }), {
    status: 200,
    body: {
      relatedResources: [
        { apiVersion: 'v1', resource: 'configmaps', namespace: 'demo', names: ['logging', 'observability'] },
        { apiVersion: 'apps/v1', resource: 'deployments', namespace: 'demo', names: ['hook'] }
      ]
    }
  })
  t.match(await customize({ controller: {} }), { status: 400, body: { error: 'parent: required' } })
  await until(async () => (await metrics.registry.metrics()).includes('widget_hook_requests_total{hook="customize",code="400"} 1'))
})

t.test('the finalize hook answers for a source that is being deleted', async t => {
  const { url } = await startHook(t)
  const finalize = async (body: unknown) => (await post(url, body, { 'content-type': 'application/json' }, '/finalize'))
  const parent = withField(readyRequest.parent, ['metadata', 'deletionTimestamp'], '2026-01-01T00:00:00Z')
  const { status, body } = await finalize({ ...readyRequest, parent, finalizing: true })
  t.equal(status, 200)
  t.match(body, { finalized: false, status: { observedGeneration: Number }, children: [{ kind: 'SinkBinding' }] })
  t.same(Object.keys(body).sort(), ['children', 'finalized', 'status'], 'and no field that Metacontroller does not know')
  t.match((await finalize({ ...readyRequest, parent, children: {}, finalizing: true })).body, { finalized: true, children: { length: 0 } })
  t.match(await finalize({ parent }), { status: 400, body: { error: 'children: required' } })
})

t.test('an observed child with missing or odd fields is not an error', async t => {
  const { url, lines } = await startHook(t)
  const [key] = Object.keys(readyRequest.children['Deployment.apps/v1']) as [string]
  const path = ['children', 'Deployment.apps/v1', key]
  const odd: Array<[string, string[], unknown, string]> = [
    ['no status', ['status'], undefined, 'DeploymentUpdating'],
    ['a status that is a string', ['status'], 'x', 'DeploymentUpdating'],
    ['conditions that are null', ['status', 'conditions'], null, 'DeploymentUnavailable'],
    ['conditions that are strings', ['status', 'conditions'], ['Available'], 'DeploymentUnavailable'],
    ['no template', ['spec', 'template'], undefined, 'DeploymentUpdating'],
    ['no spec', ['spec'], undefined, 'DeploymentUpdating'],
    ['labels that are null', ['metadata', 'labels'], null, 'DeploymentUpdating'],
    ['annotations that are numbers', ['metadata', 'annotations'], 1, ''],
    ['no metadata', ['metadata'], undefined, 'DeploymentMissing']
  ]
  for (const [name, field, value, reason] of odd) {
    const { status, body } = await post(url, withField(readyRequest, [...path, ...field], value))
    t.equal(status, 200, name)
    const deployed = body.status.conditions.find(({ type }) => type === 'Deployed')
    t.equal(deployed!.reason ?? '', reason, name)
    t.equal(body.children.length, 2, name)
  }
  t.same(lines.filter(({ level }) => level > 30), [])
})

t.test('reconciler events are logged once each, at info', async t => {
  const { url, lines } = await startHook(t)
  const { name, namespace, uid } = createRequest.parent.metadata
  await post(url, createRequest)
  const child = `${namespace}/widget-${name}-${uid}`
  t.match(lines.filter(({ level }) => level >= 30), [
    { level: 30, type: 'Normal', reason: 'DeploymentCreated', source: `${namespace}/${name}`, generation: 1, msg: `created deployment: "${child}"` },
    { level: 30, type: 'Normal', reason: 'SinkBindingCreated', source: `${namespace}/${name}`, generation: 1, msg: `created SinkBinding: "${child}"` }
  ])
  t.equal(lines.filter(({ level }) => level >= 30).length, 2)
})

t.test('the warnings of a sync are logged at warn', async t => {
  const events = ['Normal', 'Warning'].map(type => ({ type: type as 'Normal' | 'Warning', reason: 'Any', message: 'x'.repeat(2000), condition: 'Ready' }))
  const sync: Hook = { name: 'sync', request: Type.Unknown(), answer: () => ({ response: {}, report: { source: 'demo/any', generation: 1, events, statusChanged: true, specInvalid: true } }) }
  const { url, lines } = await startHook(t, { hooks: [sync] })
  await post(url, {})
  t.same(lines.filter(({ level }) => level >= 30).map(({ level, type, msg }) => [level, type, msg.length]), [[30, 'Normal', 1025], [40, 'Warning', 1025]])
})

t.test('a sync that changes nothing logs nothing above debug', async t => {
  const { url, lines } = await startHook(t)
  t.equal((await post(url, readyRequest)).status, 200)
  t.match(lines, [{ level: 20, msg: 'synced' }])
  t.equal(lines.length, 1)
})

t.test('a bug in the hook is a 500 without detail, logged with its stack', async t => {
  const { lines, logger } = makeLog()
  const app = fastify({ loggerInstance: logger })
  registerErrorReplies(app)
  app.get('/', async () => { throw new Error('secret') })
  const response = await app.inject('/')
  t.equal(response.statusCode, 500)
  t.same(response.json(), { error: 'internal error' })
  t.match(lines.find(({ level }) => level === 50), { err: { message: 'secret', stack: /hook-server.test/ } })
})
