import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { Cluster, type ClusterOptions } from './cluster.js'
import { lastAppliedAnnotation } from './dynamic-apply.js'
import { fakeHook, type FakeCall } from './fake-hook.js'
import { manifests } from '../widget/widget.js'

const sourceReference = { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 's', namespace: 'demo' } }
const source = { ...sourceReference, spec: { sink: { uri: 'http://sink.example' } } }
const childReference = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'child', namespace: 'demo' } }

/** A child in the answer of a hook. */
function child (spec: object = {}, metadata: object = {}) {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'child', ...metadata },
    spec: { selector: { matchLabels: { app: 'c' } }, template: { metadata: { labels: { app: 'c' } }, spec: { containers: [{ name: 'c', image: 'x:1' }] } }, ...spec }
  }
}

/** A cluster with only the sync hook, and idle controllers of Deployments and SinkBindings. */
async function makeCluster (t: Test, answer: (call: FakeCall) => unknown, options: Partial<ClusterOptions> = {}) {
  const hook = await fakeHook(t, answer)
  const cluster = new Cluster({
    hookUrl: hook.url,
    manifests,
    ...options,
    controller: controller => {
      delete controller.spec.hooks.customize
      options.controller?.(controller)
    }
  })
  cluster.deployments.be('lagging')
  return { cluster, calls: hook.calls }
}

const strategies = ['dynamic-apply', 'server-side-apply'] as const

t.test('the request has everything that a hook needs', async t => {
  const { cluster, calls } = await makeCluster(t, () => ({ children: [child()], status: {} }))
  const [parent] = cluster.apply(source)
  await cluster.settle()
  t.equal(calls[0]?.path, '/sync')
  const { controller, ...first } = calls[0]?.body
  t.strictSame(first, { parent, children: { 'Deployment.apps/v1': {}, 'SinkBinding.sources.knative.dev/v1': {} }, related: {}, finalizing: false })
  t.match(controller, {
    kind: 'CompositeController',
    metadata: { name: 'widget-controller', uid: String, resourceVersion: String, generation: 1 },
    spec: { childResources: [{ updateStrategy: { method: 'InPlace', statusChecks: {} } }, {}], hooks: { sync: { version: 'v2' } } },
    status: {}
  })
  const last = calls.at(-1)?.body
  t.strictSame(last.children['Deployment.apps/v1'], { 'demo/child': cluster.api.get(childReference) })
  t.ok(last.parent.metadata.managedFields)
})

t.test('hook version v1 has the children by name, and accepts unknown fields', async t => {
  const { cluster, calls } = await makeCluster(t, () => ({ children: [child()], status: {}, bogus: true }), { hookVersion: 'v1' })
  cluster.apply(source)
  await cluster.settle()
  t.strictSame(cluster.events, [])
  t.strictSame(Object.keys(calls.at(-1)?.body.children['Deployment.apps/v1']), ['child'])
  t.equal(calls[0]?.body.controller.spec.hooks.sync.version, 'v1')
})

for (const applyStrategy of strategies) {
  t.test(`${applyStrategy}: a child is created with its owner and the label, and not written again`, async t => {
    const { cluster } = await makeCluster(t, () => ({ children: [child()], status: { sinkUri: 'x' } }), { applyStrategy })
    const [parent] = cluster.apply(source)
    t.match(await cluster.settle(), { settled: true })
    const stored = cluster.api.get(childReference)
    t.strictSame(stored.metadata.labels, { 'controller-uid': parent?.metadata.uid })
    t.strictSame(stored.metadata.ownerReferences, [{
      apiVersion: 'example.com/v1', kind: 'Widget', name: 's', uid: parent?.metadata.uid, controller: true, blockOwnerDeletion: true
    }])
    const annotation = stored.metadata.annotations?.[lastAppliedAnnotation]
    if (applyStrategy === 'server-side-apply') {
      t.equal(annotation, undefined)
      t.match(stored.metadata.managedFields, [{ manager: 'metacontroller', operation: 'Apply' }])
    } else {
      t.match(JSON.parse(annotation ?? ''), { ...child(), metadata: { name: 'child', namespace: 'demo', labels: { 'controller-uid': parent?.metadata.uid } } })
      t.match(stored.metadata.managedFields, [{ manager: 'metacontroller', operation: 'Update' }])
    }
    cluster.api.resetWrites()
    await cluster.resync(sourceReference, 5)
    t.equal(cluster.api.count(), 0)
  })

  t.test(`${applyStrategy}: a child is updated, keeps the fields of others, and loses fields that are no longer in the answer`, async t => {
    let answer = child({ replicas: 1, minReadySeconds: 5 }, { labels: { mine: 'x', old: 'y' } })
    const { cluster } = await makeCluster(t, () => ({ children: [answer], status: {} }), { applyStrategy })
    cluster.apply(source)
    await cluster.settle()
    cluster.person(childReference, draft => {
      draft.spec.replicas = 3
      draft.spec.template.spec.containers.push({ name: 'sidecar', image: 'y:1' })
      draft.metadata.annotations = { ...draft.metadata.annotations, theirs: 'z' }
    })
    await cluster.settle()
    t.equal(cluster.api.get(childReference).spec.replicas, 1)
    answer = child({ replicas: 2 }, { labels: { mine: 'x' } })
    await cluster.resync(sourceReference)
    const stored = cluster.api.get(childReference)
    t.equal(stored.spec.replicas, 2)
    t.equal(stored.spec.minReadySeconds, undefined)
    t.match(stored.metadata, { annotations: { theirs: 'z' } })
    t.strictSame(Object.keys(stored.metadata.labels ?? {}).sort(), ['controller-uid', 'mine'])
    t.equal(stored.spec.template.spec.containers.length, 2)
  })

  t.test(`${applyStrategy}: a child that is not in the answer is deleted once`, async t => {
    let children = [child({}, { finalizers: ['x/hold'] })]
    const { cluster } = await makeCluster(t, () => ({ children, status: {} }), { applyStrategy })
    cluster.apply(source)
    await cluster.settle()
    children = []
    await cluster.resync(sourceReference, 3)
    t.ok(cluster.api.get(childReference).metadata.deletionTimestamp)
    t.equal(cluster.api.count({ verb: 'delete', kind: 'Deployment' }), 1)
    children = [child({ replicas: 5 })]
    await cluster.resync(sourceReference)
    t.equal(cluster.api.get(childReference).spec.replicas, 1, 'it is left alone while it is being deleted')
    cluster.person(childReference, { metadata: { finalizers: null } })
    await cluster.settle()
    t.equal(cluster.api.get(childReference).spec.replicas, 5, 'it is created again once it is gone')
  })

  t.test(`${applyStrategy}: update methods`, async t => {
    for (const method of ['OnDelete', 'Recreate', 'InPlace'] as const) {
      let replicas = 1
      const { cluster } = await makeCluster(t, () => ({ children: [child({ replicas })], status: {} }), {
        applyStrategy,
        controller: ({ spec }) => { for (const rule of spec.childResources ?? []) rule.updateStrategy = { method } }
      })
      cluster.apply(source)
      await cluster.settle()
      const { uid } = cluster.api.get(childReference).metadata
      replicas = 2
      await cluster.resync(sourceReference)
      const isGone = cluster.api.find(childReference) === undefined
      await cluster.settle()
      const stored = cluster.api.get(childReference)
      // With server-side apply, a change that would raise the generation is never applied: it looks like a change by others.
      const isRecreated = method === 'Recreate' && applyStrategy === 'dynamic-apply'
      t.equal(stored.spec.replicas, method === 'InPlace' || isRecreated ? 2 : 1, method)
      t.equal(isGone, isRecreated)
      t.equal(stored.metadata.uid === uid, !isRecreated)
    }
  })

  t.test(`${applyStrategy}: a name that is already taken`, async t => {
    const { cluster } = await makeCluster(t, () => ({ children: [child({ replicas: 3 })], status: {} }), { applyStrategy })
    cluster.apply({ ...child(), metadata: childReference.metadata })
    cluster.apply(source)
    t.match(await cluster.settle(), { settled: true })
    t.strictSame(cluster.events, [])
    // Server-side apply takes it over; dynamic apply does nothing and reports nothing.
    t.equal(cluster.api.get(childReference).spec.replicas, applyStrategy === 'server-side-apply' ? 3 : 1)
  })
}

t.test('server-side apply is skipped while the answer and the generation are the same', async t => {
  let labels = {}
  const { cluster } = await makeCluster(t, () => ({ children: [child({}, { labels })], status: {} }), { applyStrategy: 'server-side-apply' })
  cluster.apply(source)
  await cluster.settle()
  cluster.api.resetWrites()
  cluster.person(childReference, { metadata: { labels: { theirs: 'x' } } })
  await cluster.settle()
  t.equal(cluster.api.count({ verb: 'apply' }), 0, 'a label does not raise the generation')
  labels = { a: 'b' }
  await cluster.resync(sourceReference, 2)
  t.equal(cluster.api.count({ verb: 'apply' }), 1)
  cluster.person(childReference, { spec: { minReadySeconds: 1 } })
  await cluster.settle()
  t.equal(cluster.api.count({ verb: 'apply' }), 2)
  t.equal(cluster.api.count({ verb: 'apply', changed: true }), 1)
})

t.test('from dynamic apply to server-side apply: the annotation is removed first', async t => {
  const { cluster } = await makeCluster(t, () => ({ children: [child()], status: {} }), { applyStrategy: 'server-side-apply' })
  const [parent] = cluster.apply(source)
  const uid = parent?.metadata.uid ?? ''
  cluster.api.create({
    ...child(),
    metadata: {
      ...childReference.metadata,
      labels: { 'controller-uid': uid },
      annotations: { [lastAppliedAnnotation]: '{}' },
      ownerReferences: [{ apiVersion: sourceReference.apiVersion, kind: 'Widget', name: 's', uid, controller: true }]
    }
  }, { manager: 'metacontroller' })
  await cluster.settle()
  const stored = cluster.api.get(childReference)
  t.equal(stored.metadata.annotations?.[lastAppliedAnnotation], undefined)
  t.strictSame(stored.metadata.managedFields?.map(({ operation }) => operation), ['Apply', 'Update'])
})

t.test('claims: an orphan with the label is adopted, and a child without it is released', async t => {
  const { cluster, calls } = await makeCluster(t, ({ body }) => ({ children: Object.keys(body.children['Deployment.apps/v1']).map(key => child({}, { name: key.split('/')[1] })), status: {} }))
  const [parent] = cluster.apply(source)
  const uid = parent?.metadata.uid ?? ''
  cluster.apply({ ...child(), metadata: { ...childReference.metadata, labels: { 'controller-uid': uid } } })
  cluster.apply({ ...child(), metadata: { name: 'stranger', namespace: 'demo' } })
  await cluster.settle()
  t.match(cluster.api.get(childReference).metadata.ownerReferences, [{ uid, controller: true, blockOwnerDeletion: true }])
  t.strictSame(Object.keys(calls.at(-1)?.body.children['Deployment.apps/v1']), ['demo/child'])

  cluster.person(childReference, { metadata: { labels: { 'controller-uid': null } } })
  await cluster.settle()
  t.equal(cluster.api.get(childReference).metadata.ownerReferences, undefined)
  t.strictSame(calls.at(-1)?.body.children['Deployment.apps/v1'], {})
  t.match(cluster.api.get(childReference).metadata, { name: 'child' }, 'it is not deleted')
})

t.test('an orphan is not adopted by a parent that is being deleted', async t => {
  const { cluster, calls } = await makeCluster(t, () => ({ children: [], status: {} }))
  const [parent] = cluster.apply({ ...source, metadata: { ...source.metadata, finalizers: ['x/hold'] } })
  await cluster.settle()
  cluster.delete(sourceReference)
  cluster.apply({ ...child(), metadata: { ...childReference.metadata, labels: { 'controller-uid': parent?.metadata.uid ?? '' } } })
  await cluster.settle()
  t.equal(cluster.api.get(childReference).metadata.ownerReferences, undefined)
  t.strictSame(calls.at(-1)?.body.children['Deployment.apps/v1'], {})
})

t.test('a parent that is being deleted, without a finalize hook: only its status is written', async t => {
  const { cluster, calls } = await makeCluster(t, ({ body }) => ({ children: [], status: { sinkUri: body.parent.metadata.deletionTimestamp ?? 'alive' } }))
  cluster.apply({ ...source, metadata: { ...source.metadata, finalizers: ['x/hold'] } })
  const uid = cluster.api.get(sourceReference).metadata.uid
  cluster.apply({ ...child(), metadata: { ...childReference.metadata, labels: { 'controller-uid': uid }, ownerReferences: [{ apiVersion: sourceReference.apiVersion, kind: 'Widget', name: 's', uid, controller: true }] } })
  cluster.delete(sourceReference)
  await cluster.settle()
  t.equal(calls[0]?.body.finalizing, false)
  t.ok(cluster.api.find(childReference), 'the child is left to the garbage collector')
  t.strictSame(cluster.api.get(sourceReference).status, { sinkUri: '2026-01-01T00:00:00Z', observedGeneration: 2 })
  cluster.person(sourceReference, { metadata: { finalizers: null } })
  await cluster.settle()
  t.equal(cluster.api.find(childReference), undefined)
})

t.test('the status replaces the old one, with the generation, and is written only if it differs', async t => {
  let status: object | undefined = { sinkUri: 'x', observedGeneration: 77 }
  const { cluster } = await makeCluster(t, () => ({ children: [], status }))
  cluster.apply(source)
  t.match(await cluster.settle(), { syncs: 2, settled: true })
  t.strictSame(cluster.api.get(sourceReference).status, { sinkUri: 'x', observedGeneration: 1 })
  status = undefined
  await cluster.resync(sourceReference)
  t.strictSame(cluster.api.get(sourceReference).status, { observedGeneration: 1 })
})

t.test('a status with a field that is pruned is written at every sync, without end', async t => {
  const { cluster } = await makeCluster(t, () => ({ children: [], status: { bogus: true } }))
  cluster.apply(source)
  t.match(await cluster.settle(), { settled: true }, 'a write without a change triggers no sync')
  cluster.api.resetWrites()
  await cluster.resync(sourceReference, 5)
  t.equal(cluster.api.count({ subresource: 'status', changed: false }), 5)
})

t.test('a status that changes every time is a loop', async t => {
  let count = 0
  const { cluster } = await makeCluster(t, () => ({ children: [], status: { sinkUri: String(count++) } }))
  cluster.apply(source)
  t.match(await cluster.settle({ maxSyncs: 20 }), { syncs: 20, settled: false })
})

t.test('invalid answers', async t => {
  let answer: unknown
  const { cluster } = await makeCluster(t, () => answer)
  cluster.apply(source)
  const errorFor = async (next: unknown) => {
    answer = next
    cluster.events.length = 0
    await cluster.resync(sourceReference)
    return cluster.events[0]?.message
  }
  const failed = 'Sync error: sync hook failed for Widget demo/s: sync hook failed (version=v2): '
  const strict = `${failed}strict validation failed for v2 webhookResponse (type: sync, mode: strict): `
  const unreadable = `${failed}can't unmarshal webhookResponse (version: v2, type: sync): `
  t.equal(await errorFor({ status: 500, body: '{"error":"internal error"}' }), `${failed}unsupported status code: 500 body: {"error":"internal error"}`)
  t.equal(await errorFor({ status: 201, body: {} }), `${failed}unsupported status code: 201 body: {}`)
  t.equal(await errorFor({ body: { children: [], Status: {} } }), `${strict}unknown field "Status"`)
  t.equal(await errorFor({ body: '{"status":{},"status":{"a":1,"a":2},"children":[],"events":[]}' }), `${strict}[duplicate field "status", duplicate field "status.a", unknown field "events"]`)
  t.equal(await errorFor({ body: '{"status":{"a":"\\"b\\":{","c":[{"a":1},{"a":2}]},"children":[]}' }), undefined, 'not duplicates')
  t.match(await errorFor({ body: '<html>' }), unreadable)
  t.equal(await errorFor({ body: [] }), `${unreadable}json: cannot unmarshal array into Go value of type CompositeHookResponse`)
  t.equal(await errorFor({ body: { children: {} } }), `${unreadable}json: cannot unmarshal object into Go struct field CompositeHookResponse.children of type []*unstructured.Unstructured`)
  t.equal(await errorFor({ body: { status: 'x' } }), `${unreadable}json: cannot unmarshal string into Go struct field CompositeHookResponse.status of type map[string]interface {}`)
  t.equal(await errorFor({ body: { finalized: 1 } }), `${unreadable}json: cannot unmarshal number into Go struct field CompositeHookResponse.finalized of type bool`)
  t.equal(await errorFor({ body: { children: [{ apiVersion: 'v1' }] } }), `${unreadable}Object 'Kind' is missing in '{"apiVersion":"v1"}'`)
  t.equal(await errorFor({ body: { children: [{ ...child(), kind: 'Thing' }] } }), 'Sync error: can\'t reconcile children for Widget demo/s: discovery: can\'t find kind Thing in apiVersion apps/v1')
  t.equal(await errorFor({ body: { children: [child({}, { labels: { a: 1 } })] } }), 'Sync error: invalid labels on desired child Deployment demo/child: .metadata.labels accessor error: contains non-string value in the map')
  t.equal(await errorFor({ body: { children: [child({}, { labels: { 'controller-uid': 'x' } })] } }), 'Sync error: labels on desired child Deployment demo/child don\'t match parent selector')
  t.match(await errorFor({ body: { children: [child({ selector: { matchLabels: { app: 'other' } } })], status: { sinkUri: 'written all the same' } } }), /^Sync error: can't reconcile children for Widget demo\/s: Deployment\.apps "child" is invalid: spec\.template\.metadata\.labels/)
  t.match(cluster.api.get(sourceReference).status, { sinkUri: 'written all the same' })
  t.match(await errorFor({ body: { status: { conditions: [{ type: 'Ready' }] } } }), /^Sync error: can't update status for Widget demo\/s: .*status\.conditions\[0\]\.status: Required value/)
  t.match(cluster.events, [{ type: 'Warning', reason: 'SyncError', kind: 'Widget', namespace: 'demo', name: 's', source: 'metacontroller' }])
})

t.test('a hook that does not listen, or is too slow', async t => {
  const { cluster } = await makeCluster(t, () => new Promise(resolve => setTimeout(resolve, 200, {}).unref()), { hookTimeoutMs: 20 })
  cluster.apply(source)
  await cluster.resync(sourceReference)
  t.match(cluster.events[0]?.message, /http error: Post "http:\/\/127\.0\.0\.1:\d+\/sync": context deadline exceeded \(Client\.Timeout exceeded while awaiting headers\)$/)

  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  const nowhere = new Cluster({ hookUrl: `http://127.0.0.1:${port}`, manifests, controller: ({ spec }) => { delete spec.hooks.customize } })
  nowhere.apply(source)
  await nowhere.resync(sourceReference)
  t.equal(nowhere.events[0]?.message, `Sync error: sync hook failed for Widget demo/s: sync hook failed (version=v2): http error: Post "http://127.0.0.1:${port}/sync": dial tcp 127.0.0.1:${port}: connect: connection refused`)
})

t.test('after an error it retries, with a delay that doubles each time', async t => {
  let status = 500
  const { cluster, calls } = await makeCluster(t, () => ({ status, body: {} }))
  const times: number[] = []
  cluster.onStep(({ type }) => type === 'sync' && times.push(cluster.clock.now))
  cluster.apply(source)
  t.match(await cluster.settle({ patience: 0 }), { syncs: 1, settled: false })
  t.match(await cluster.settle({ patience: 1 }), { settled: false })
  t.strictSame(times.map(time => time - (times[0] ?? 0)), [0, 5, 15, 35, 75, 155, 315, 635])
  t.equal(cluster.events.length, 8)

  status = 200
  t.match(await cluster.settle(), { settled: true })
  const { length } = calls
  status = 500
  cluster.person(sourceReference, { spec: { interval: '5s' } })
  await cluster.settle({ patience: 0.006 })
  t.equal(calls.length, length + 2, 'the delay starts again after a success')
})

t.test('429 is not an error: it retries after the given time', async t => {
  let retryAfter: string | undefined = '7'
  const { cluster, calls } = await makeCluster(t, () =>
    retryAfter === undefined ? {} : { status: 429, headers: { 'retry-after': retryAfter }, body: 'busy' })
  cluster.apply(source)
  t.match(await cluster.settle({ patience: 6 }), { syncs: 1, settled: false })
  retryAfter = 'Thu, 01 Jan 2026 00:00:30 GMT'
  t.match(await cluster.settle({ patience: 20 }), { syncs: 1, settled: false })
  retryAfter = undefined
  t.match(await cluster.settle({ patience: 30 }), { settled: true })
  t.equal(cluster.clock.timestamp(), '2026-01-01T00:00:30Z')
  t.strictSame(cluster.events, [])
  t.equal(calls.length, 4)
})

t.test('resyncAfterSeconds and resyncPeriodSeconds', async t => {
  const { cluster, calls } = await makeCluster(t, () => ({ resyncAfterSeconds: 20 }), { controller: ({ spec }) => { spec.resyncPeriodSeconds = 90 } })
  cluster.apply(source)
  t.match(await cluster.settle(), { settled: true })
  const { length } = calls
  await cluster.advance(65)
  t.equal(calls.length, length + 3)
  t.equal(cluster.clock.timestamp(), '2026-01-01T00:01:05Z')
  await cluster.advance(30)
  t.equal(calls.length, length + 5, 'at 80, and at 90')
})

t.test('the customize hook: related objects are in the request, and their changes trigger a sync', async t => {
  const secret = (name: string, namespace: string, labels = {}) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, labels } })
  let rules: object[] = [
    { apiVersion: 'v1', resource: 'secrets', namespace: 'other', names: ['wanted'] },
    { apiVersion: 'v1', resource: 'secrets', labelSelector: { matchLabels: { use: 'yes' } } },
    { apiVersion: 'v1', resource: 'configmaps', namespace: 'demo' }
  ]
  const { cluster, calls } = await makeCluster(t, ({ path }) => path === '/customize' ? { relatedResources: rules } : { status: {} }, {
    controller: ({ spec }) => { spec.hooks.customize = { version: 'v2', webhook: { path: '/customize' } } }
  })
  cluster.apply(secret('wanted', 'other'))
  cluster.apply(secret('unwanted', 'other'))
  cluster.apply(secret('labelled', 'demo', { use: 'yes' }))
  cluster.apply(source)
  await cluster.settle()
  const syncs = () => calls.filter(({ path }) => path === '/sync')
  const customizes = () => calls.filter(({ path }) => path === '/customize')
  t.strictSame(Object.keys(customizes()[0]?.body), ['controller', 'parent'])
  t.strictSame(Object.keys(syncs()[0]?.body.related['Secret.v1']), ['demo/labelled', 'other/wanted'])
  t.strictSame(syncs()[0]?.body.related['ConfigMap.v1'], {})
  t.equal(customizes().length, 1, 'the answer is cached')

  let { length } = syncs()
  cluster.person(secret('unwanted', 'other'), { data: { a: 'b' } })
  await cluster.settle()
  t.equal(syncs().length, length)
  cluster.person(secret('wanted', 'other'), { data: { a: 'b' } })
  await cluster.settle()
  t.equal(syncs().length, length + 1)
  cluster.person(secret('labelled', 'demo'), { metadata: { labels: { use: null } } })
  await cluster.settle()
  t.equal(syncs().length, length + 2, 'also if it was related before')
  cluster.delete(secret('wanted', 'other'))
  await cluster.settle()
  t.equal(syncs().length, length + 3)
  t.equal(customizes().length, 1)

  cluster.person(sourceReference, { spec: { interval: '5s' } })
  await cluster.settle()
  t.equal(customizes().length, 2, 'it is called again for a new generation')
  await cluster.advance(20 * 60 + 1)
  await cluster.resync(sourceReference)
  t.equal(customizes().length, 3, 'and after twenty minutes')

  for (const [rule, message] of [
    [{ apiVersion: 'v1', resource: 'things' }, 'discovery: can\'t find resource things in apiVersion v1'],
    [{ apiVersion: 'v1', resource: 'secrets', names: ['a'], labelSelector: {} }, /cannot have both names and labelSelector/],
    [{ apiVersion: 'v1', resource: 'secrets', namespace: 'a', namespaceSelector: {} }, /cannot have both namespace and namespaceSelector/],
    [{ apiVersion: 'v1', resource: 'namespaces', namespaceSelector: {} }, /only supported for namespaced related resources/]
  ] as const) {
    rules = [rule]
    cluster.events.length = 0
    length = syncs().length
    cluster.person(sourceReference, { spec: { interval: `${Math.round(cluster.clock.now)}ms${JSON.stringify(rule).length}s` } })
    await cluster.settle({ patience: 0 })
    t.match(cluster.events[0]?.message, message)
    t.equal(syncs().length, length)
  }
})

t.test('customize hooks of version v1 see the parent\'s own namespace', async t => {
  let rule: object = { apiVersion: 'v1', resource: 'configmaps' }
  const { cluster, calls } = await makeCluster(t, ({ path }) => path === '/customize' ? { relatedResources: [rule] } : { status: {} }, {
    hookVersion: 'v1',
    controller: ({ spec }) => { spec.hooks.customize = { version: 'v1', webhook: { path: '/customize' } } }
  })
  for (const namespace of ['demo', 'other']) cluster.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace } })
  cluster.apply(source)
  await cluster.settle()
  t.strictSame(Object.keys(calls.at(-1)?.body.related['ConfigMap.v1']), ['c'])
  t.equal(calls.at(-1)?.body.related['ConfigMap.v1'].c.metadata.namespace, 'demo')
  rule = { apiVersion: 'v1', resource: 'configmaps', namespace: 'other' }
  cluster.person(sourceReference, { spec: { interval: '5s' } })
  await cluster.settle({ patience: 0 })
  t.equal(cluster.events[0]?.message, 'Sync error: requested related object namespace other differs from parent object namespace demo')
})

t.test('the finalize hook: the finalizer comes first, and the parent stays until the hook is done', async t => {
  const finalizer = 'metacontroller.io/compositecontroller-widget-controller'
  const { cluster, calls } = await makeCluster(t, ({ path, body }) => path === '/finalize'
    ? { children: [], status: { sinkUri: 'leaving' }, finalized: Object.keys(body.children['Deployment.apps/v1']).length === 0 }
    : { children: [child({}, { finalizers: ['x/hold'] })], status: {} }, {
    controller: ({ spec }) => { spec.hooks.finalize = { version: 'v2', webhook: { path: '/finalize' } } }
  })
  cluster.apply(source)
  await cluster.settle()
  t.strictSame(calls[0]?.body.parent.metadata.finalizers, [finalizer])
  t.equal(calls[0]?.body.finalizing, false)

  cluster.delete(sourceReference)
  await cluster.settle()
  t.equal(calls.at(-1)?.path, '/finalize')
  t.equal(calls.at(-1)?.body.finalizing, true)
  t.ok(cluster.api.get(childReference).metadata.deletionTimestamp, 'children are managed')
  t.match(cluster.api.get(sourceReference).status, { sinkUri: 'leaving' })

  cluster.person(childReference, { metadata: { finalizers: null } })
  await cluster.settle()
  t.equal(cluster.api.find(childReference), undefined)
  t.equal(cluster.api.find(sourceReference), undefined)
})

t.test('the finalizer is removed if there is no finalize hook any more', async t => {
  const { cluster } = await makeCluster(t, () => ({}))
  cluster.apply({ ...source, metadata: { ...source.metadata, finalizers: ['metacontroller.io/compositecontroller-widget-controller'] } })
  await cluster.settle()
  t.equal(cluster.api.get(sourceReference).metadata.finalizers, undefined)
})

t.test('parents that are not selected are left alone', async t => {
  const { cluster, calls } = await makeCluster(t, () => ({}), { controller: ({ spec }) => { spec.parentResource.labelSelector = { matchLabels: { mine: 'yes' } } } })
  cluster.apply(source)
  await cluster.settle()
  t.equal(calls.length, 0)
  cluster.person(sourceReference, { metadata: { labels: { mine: 'yes' } } })
  await cluster.settle()
  t.not(calls.length, 0)
})

t.test('changes during a call of the hook are not overwritten', async t => {
  let replicas = 1
  const { cluster } = await makeCluster(t, () => ({ children: [child({ replicas })], status: {} }))
  cluster.apply(source)
  await cluster.settle()
  replicas = 2
  cluster.metacontroller.meanwhile = () => {
    cluster.metacontroller.meanwhile = undefined
    cluster.person(childReference, { spec: { minReadySeconds: 9 } })
  }
  await cluster.resync(sourceReference)
  t.match(cluster.api.get(childReference).spec, { replicas: 1, minReadySeconds: 9 })
  t.match(cluster.api.writes.at(-1)?.refused, { reason: 'Conflict' })
  t.match(await cluster.settle(), { settled: true })
  t.match(cluster.api.get(childReference).spec, { replicas: 2, minReadySeconds: 9 })
  t.strictSame(cluster.events, [], 'and no event is recorded')
})
