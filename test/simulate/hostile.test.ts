import { createServer, type RequestListener } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import type { FakeCall } from '../harness/fake-hook.js'
import type { CompositeController } from '../harness/metacontroller.js'
import type { Simulation } from './simulate.js'
import { configMap, simulateThing, stage, thing, thingController, thingDefinition } from './things.js'

/* Hooks that are hostile or badly broken: each leads to a finding of one line that says what is wrong. */

const body = (...children: unknown[]) => ({ status: {}, children })
const child = (metadata: unknown) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata })
const failing = (message: string | RegExp) => ({ fault: 'sync-error', object: 'Thing default/a', message })

const answers: Record<string, [answer: (call: FakeCall) => unknown, findings: object[], options?: Partial<Simulation>]> = {
  'a status that is a text': [() => ({ status: 'x' }), [failing(/cannot unmarshal string into Go struct field CompositeHookResponse\.status/)]],
  NaN: [() => ({ body: '{"status":{"a":NaN}}' }), [failing(/can't unmarshal webhookResponse .*NaN/)]],
  204: [() => ({ status: 204, body: '' }), [failing(/unsupported status code: 204 body:$/)]],
  'nothing at all': [() => ({ body: '' }), [failing(/can't unmarshal webhookResponse/)]],
  'a redirect to itself': [() => ({ status: 307, headers: { location: '/sync' }, body: '' }), [failing(/: stopped after 10 redirects$/)]],
  'a redirect to a port on which nothing listens': [() => ({ status: 307, headers: { location: 'http://127.0.0.1:1/' }, body: '' }), [failing(/: dial tcp 127\.0\.0\.1:1: connect: connection refused$/)]],
  'a status that is nested very deeply': [() => ({ body: `{"status":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}` }), [failing(/: exceeded max depth$/)]],
  'a long error with control characters': [() => ({ status: 500, body: `\u001b[31m\r\n${'x'.repeat(100_000)}` }), [failing(/^[^\p{Control}]{1000}…$/u)]],
  'a reason of many lines': [() => ({ status: { conditions: [{ type: 'Ready', status: 1, reason: ['x'], message: 'a\n\u001b[31mb' }] } }), [{ fault: 'not-ready', message: 'is not Ready: 1: ["x"]: a [31mb' }]],
  'a child without a name': [() => body({ apiVersion: 'v1', kind: 'ConfigMap' }), [failing(/ConfigMap "" is invalid: metadata\.name: Required value: name or generateName is required$/)]],
  'the same, with server-side apply': [() => body({ apiVersion: 'v1', kind: 'ConfigMap' }), [failing(/: name is required$/)], { applyStrategy: 'server-side-apply' }],
  'a child with generateName in place of a name': [() => body(child({ generateName: 'c-' })), [{ fault: 'delete-and-create', object: /^ConfigMap default\/c-/, message: /is created: the hook asks for it with generateName in place of a name$/, moves: [{ path: 'metadata.name', was: /^c-/, is: /^c-/ }] }]],
  'with server-side apply, it has no name': [() => body(child({ generateName: 'c-' })), [failing(/: name is required$/)], { applyStrategy: 'server-side-apply' }],
  'a child whose metadata is a text': [() => body(child('x')), [failing(/metadata\.name: Required value/)]],
  'a child with an invalid name': [() => body(child({ name: 'A_b/c' })), [failing(/ConfigMap "A_b\/c" is invalid: metadata\.name: Invalid value: "A_b\/c": a lowercase RFC 1123 subdomain/)]],
  'a child with an invalid namespace': [() => body(child({ name: 'c', namespace: 'a/b' })), [failing(/metadata\.namespace: Invalid value: "a\/b": a lowercase RFC 1123 label/)]],
  'a child in another namespace': [() => body(child({ name: 'c', namespace: 'other' })), [{ fault: 'delete-and-create', object: 'ConfigMap other/c', message: /^is created at each sync, and deleted by kube-controller-manager: it is in another namespace than the parent/ }]],
  'a child without apiVersion': [() => body({ kind: 'ConfigMap', metadata: { name: 'c' } }), [failing(/can't find kind ConfigMap in apiVersion$/)]],
  'a child that is null': [() => body(null), [failing(/Object 'Kind' is missing in 'null'$/)]],
  'a child of an unknown kind': [() => body({ apiVersion: 'v1', kind: '__proto__', metadata: { name: 'c' } }), [failing(/can't find kind __proto__ in apiVersion v1$/)]],
  'an invalid SinkBinding': [() => body({ apiVersion: 'sources.knative.dev/v1', kind: 'SinkBinding', metadata: { name: 'c' }, spec: { subject: 'x', sink: { ref: 5 } } }), [failing(/denied the request: .*spec\.subject\.name/)]],
  'a growing number of children': [({ body: { children } }) => body(...Array.from({ length: Object.keys(children['ConfigMap.v1']).length + 1 }, (_, index) => configMap({}, `c-${index}`))), [{ fault: 'endless-create', object: /^ConfigMap default\/c-\d+$/, message: /^is one of a growing number/ }]],
  'a sync without end': [() => ({ resyncAfterSeconds: 1e-9 }), [{ fault: 'not-at-rest', message: /^does not come to rest: \d+ syncs so far; the hook answers resyncAfterSeconds: 1e-9$/ }]],
  'keys that every JavaScript object inherits': [() => ({ body: JSON.stringify(body({ ...child({ name: 'constructor' }), data: { constructor: 'a', toString: 'b' } })).replace('"status":{}', '"status":{"__proto__":{"a":1},"constructor":{"b":1}}').replace('"data":{', '"data":{"__proto__":"c",') }), []]
}
for (const [name, [answer, findings, options]] of Object.entries(answers)) {
  t.test(name, async t => {
    const outcome = await simulateThing(t, answer, { maxSyncs: 30, ...options })
    t.match(outcome.findings, findings)
    t.equal(outcome.findings.length, findings.length, JSON.stringify(outcome.findings))
    t.equal(outcome.exitCode, findings.length === 0 ? 0 : 1)
  })
}

const requests: Record<string, [listener: RequestListener, finding: object | undefined]> = {
  gzip: [(_request, response) => { response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{"status":{}}')) }, undefined],
  'a body that is not gzip, although the header says so': [(_request, response) => { response.writeHead(200, { 'content-encoding': 'gzip' }).end('{"status":{}}') }, failing(/can't read response body: incorrect header check$/)],
  'an answer that is cut off': [(_request, response) => { response.writeHead(200, { 'content-length': 100 }).write('{', () => response.destroy()) }, failing(/can't read response body: unexpected EOF$/)],
  'something else than HTTP': [({ socket }) => { socket.end('hello\r\n\r\n') }, failing(/: malformed HTTP response$/)]
}
for (const [name, [listener, finding]] of Object.entries(requests)) {
  t.test(name, async t => {
    const server = createServer(listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => { server.closeAllConnections(); server.close() })
    const { findings } = await simulateThing(t, () => {}, { hookUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
    t.match(findings, finding === undefined ? [] : [finding])
    t.equal(findings.length, finding === undefined ? 0 : 1)
  })
}

t.test('a customize answer with invalid rules', async t => {
  const rules: Array<[unknown, string]> = [
    [null, 'relatedResources.0: required'],
    [{ apiVersion: 'v1' }, 'relatedResources.0.resource: required'],
    [{ apiVersion: 'v1', resource: 'secrets', names: 'x' }, 'relatedResources.0.names: expected array, got "x"'],
    [{ apiVersion: 'v1', resource: 'secrets', namespace: null, labelSelector: { matchExpressions: 'x' } }, 'relatedResources.0.labelSelector.matchExpressions: expected array, got "x"']
  ]
  for (const [rule, message] of rules) {
    const { findings } = await simulateThing(t, ({ path }) => path === '/sync' ? {} : { relatedResources: [rule] }, { controller: thingController(['sync', 'customize']) })
    t.match(findings, [{ fault: 'sync-error', message: new RegExp(`: ${message.replaceAll('.', '\\.')}$`) }])
  }
})

t.test('a child that is in an answer twice is reported', async t => {
  const { exitCode, notes } = await simulateThing(t, () => body(configMap({ a: '1' }), configMap({ a: '2' })))
  t.equal(exitCode, 0)
  t.match(notes.at(-1), 'ConfigMap default/settings is in an answer more than once: the last one counts')
})

t.test('definitions that do not fit together', async t => {
  await t.rejects(simulateThing(t, () => ({}), { crds: [] }), { message: "CompositeController thing-controller: can't find resource things in apiVersion example.org/v1: give its CustomResourceDefinition with --crd" })
  for (const [resource, apiVersion, advice] of [['thing', 'example.org/v1', 'did you mean "things"?'], ['Things', 'example.org/v1', 'did you mean "things"?'], ['deployment', 'apps/v1', 'did you mean "deployments"?'], ['Deployment', 'apps/v1', 'did you mean "deployments"?'], ['widgets', 'example.org/v1', 'give its CustomResourceDefinition with --crd']] as const) {
    const controller = thingController(['sync'], [{ apiVersion, resource }])
    await t.rejects(simulateThing(t, () => ({}), { controller }), { message: `CompositeController thing-controller: can't find resource ${resource} in apiVersion ${apiVersion}: ${advice}` })
  }
  await t.rejects(simulateThing(t, () => ({}), { stages: [stage('a.yaml', configMap({})), stage('-')] }), { message: 'a.yaml, standard input: no Thing (example.org/v1) in it, so there is nothing to simulate' })
})

t.test('a parent that the CompositeController does not select', async t => {
  const controller: CompositeController = thingController()
  controller.spec.parentResource.labelSelector = { matchLabels: { mine: 'yes' } }
  const { findings } = await simulateThing(t, () => ({}), { controller })
  t.match(findings, [{ fault: 'not-ready', object: 'Thing default/a', message: /^is not looked at: its labels/ }])
})

t.test('of a definition with several versions, only the storage version is known', async t => {
  const definition = thingDefinition()
  const [version] = definition.spec.versions
  definition.spec.versions.push({ ...version, name: 'v2', storage: false })
  const other = { ...thing, apiVersion: 'example.org/v2' }
  const { findings } = await simulateThing(t, () => ({}), { crds: [definition], stages: [stage('x', thing, other)] })
  t.match(findings, [{ fault: 'refused', message: 'in x is refused by the API server: no matches for kind "Thing" in version "example.org/v2": known here is example.org/v1' }])
  const controller: CompositeController = thingController()
  controller.spec.parentResource.apiVersion = 'example.org/v2'
  await t.rejects(simulateThing(t, () => ({}), { crds: [definition], controller }), { message: /can't find resource things in apiVersion example\.org\/v2: of a CustomResourceDefinition, only the version that is stored is known here$/ })
})
