import { Value } from '@sinclair/typebox/value'
import fc from 'fast-check'
import t from 'tap'
import { kind } from '../../src/samplesource/names.js'
import { SyncRequest, reconcile } from '../../src/samplesource/reconcile.js'
import { readFixture, readFixtures } from '../fixtures.js'
import { runs } from '../soak.js'
import { adapterName, changed, defaults, deploymentReady, invalid, invalidMessage, makeRequest, now, requiredSpec, settings, sinkBindingReady, spec, withChildren } from './source.js'

const reasonsOf = (request: SyncRequest) => reconcile(request, settings, now).events.map(({ reason }) => reason)

t.test('reconciler events', async t => {
  const request = makeRequest()
  t.same(reconcile(request, settings, now).events, [
    { type: 'Normal', reason: 'DeploymentCreated', message: `created deployment: "demo/${adapterName}"`, condition: 'Deployed' },
    { type: 'Normal', reason: 'SinkBindingCreated', message: `created SinkBinding: "demo/${adapterName}"`, condition: 'SinkBindingReady' }
  ])
  t.same(reasonsOf(withChildren(request, undefined, undefined)), [], 'nothing to tell while waiting')

  const ready = withChildren(request, deploymentReady, sinkBindingReady)
  t.same(reconcile(ready, settings, now).events, [
    { type: 'Normal', reason: `${kind}Reconciled`, message: `${kind} reconciled: "demo/heartbeat"`, condition: 'Ready' }
  ])
  const { status } = reconcile(ready, settings, now).response
  const reconciled = { ...ready, parent: { ...ready.parent, status } }
  t.same(reasonsOf(reconciled), [], 'told once')

  const changedTwice = { ...reconciled, parent: { ...reconciled.parent, spec: { ...spec, sink: { uri: 'http://other' }, ...changed(1) } } }
  t.same(reconcile(changedTwice, settings, now).events, [
    { type: 'Normal', reason: 'DeploymentUpdated', message: `updated deployment: "demo/${adapterName}"`, condition: 'Deployed' },
    { type: 'Normal', reason: 'SinkBindingUpdated', message: `updated SinkBinding: "demo/${adapterName}"`, condition: 'SinkBindingReady' }
  ])
  const invalid = { ...reconciled, parent: { ...reconciled.parent, spec: {} } }
  t.same(reasonsOf(invalid), ['InvalidSpec'], 'nothing is done')
  const reported = { ...invalid, parent: { ...invalid.parent, status: reconcile(invalid, settings, now).response.status } }
  t.same(reasonsOf(reported), [], 'told once')

  const terminating: any = structuredClone(changedTwice)
  terminating.children['Deployment.apps/v1']['demo/a'].metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
  t.same(reasonsOf(terminating), ['SinkBindingUpdated'], 'a child that is being deleted is left alone')
})

t.test('while the hook is being replaced, the source is synced once more', async t => {
  const { namespace, hookDeployment } = settings.system!
  const object = { metadata: { namespace, name: hookDeployment }, status: { conditions: [{ type: 'Progressing', lastUpdateTime: now.toISOString() }] } }
  const request = { ...makeRequest(), related: { 'Deployment.apps/v1': { a: object } } }
  t.equal(reconcile(request, settings, now).response.resyncAfterSeconds, 30)
  t.notOk('resyncAfterSeconds' in reconcile(makeRequest(), settings, now).response)
})

t.test('an invalid spec creates nothing', async t => {
  const { response, events } = reconcile(makeRequest({ spec: { ...spec, ...invalid } }), settings, now)
  t.same(response.children, [])
  t.match(events, [{ type: 'Warning', reason: 'InvalidSpec', message: invalidMessage, condition: 'SpecValid' }])
})

t.test('an invalid spec, or a source being deleted, leaves every observed child unchanged', async t => {
  const request = withChildren(makeRequest(), deploymentReady, sinkBindingReady)
  const desired = reconcile(request, settings, now).response.children
  const others = { ...request.children, 'ConfigMap.v1': { 'demo/c': { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: 'b' } } }, 'Odd.v1': { 'demo/d': {} } }
  const other = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }
  for (const parent of [makeRequest({ spec: null }).parent, makeRequest({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }).parent]) {
    const { response, events } = reconcile({ ...request, parent, children: others }, settings, now)
    t.same(response.children, [...desired, other])
    t.same(events.filter(({ reason }) => reason !== 'InvalidSpec'), [])
  }
})

t.test('values under a key with a line break, which the schema does not check, are skipped', async t => {
  const children: any = { 'a\nb': null, c: { 'd\ne': null, 'f\ng': 7 } }
  const request = { ...makeRequest({ spec: null }), children }
  t.ok(Value.Check(SyncRequest, request))
  t.same(reconcile(request, settings, now).response.children, [])
})

t.test('both hook versions find the same children', async t => {
  const { request } = readFixture('ready')
  const byName = structuredClone(request)
  for (const group of Object.values<any>(byName.children)) {
    for (const [key, child] of Object.entries<any>(group)) {
      delete group[key]
      group[child.metadata.name] = child
    }
  }
  t.notSame(byName, request)
  t.same(reconcile(byName, settings, now), reconcile(request, settings, now))
})

t.test('a fixed point: once applied, the answer stays the same', async t => {
  for (const { name, request } of readFixtures()) {
    const first = reconcile(request, settings, now).response
    const later = new Date(now.getTime() + 60_000)
    const again = reconcile({ ...request, parent: { ...request.parent, status: first.status } }, settings, later)
    t.same(again.response, first, name)
  }
})

/** Mixes valid values with any JSON, to reach every depth of the request. */
const orJson = (...values: unknown[]) => fc.oneof(fc.constantFrom(...values), fc.jsonValue({ maxDepth: 4 }))

const arbitraryRequest = fc.record({
  spec: fc.oneof(fc.jsonValue(), fc.record({
    ...Object.fromEntries(Object.entries(requiredSpec).map(([field, value]) => [field, orJson(value)])),
    sink: orJson(spec.sink, { uri: 'http://x' }, { ref: {}, uri: '/', CACerts: 'x' }),
    ...Object.fromEntries(Object.entries(defaults).map(([field, value]) => [field, orJson(value, '', '1e9h', undefined)])),
    ceOverrides: orJson({}, { extensions: { a: 'b' } }, undefined),
    resources: orJson({}, { limits: { cpu: '1000m' } }, { requests: { cpu: 1 }, limits: { cpu: '1m' } }, undefined)
  })),
  status: orJson(undefined, { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: 'x' }] }),
  deletionTimestamp: fc.constantFrom(undefined, null, '', '2026-01-01T00:00:00Z'),
  children: fc.record({
    name: fc.constantFrom(adapterName, 'other', 7, undefined),
    annotation: orJson(undefined, '{', '[]', '{"metadata":{"labels":{"a":"b"}},"spec":{"replicas":1}}'),
    managedFields: orJson(undefined, [{ operation: 'Apply', fieldsV1: { 'f:metadata': { 'f:ownerReferences': {} }, 'f:spec': { 'k:x': {}, 'f:replicas': {} } } }]),
    spec: orJson(undefined, { replicas: 1 }),
    status: orJson(undefined, deploymentReady, sinkBindingReady)
  })
}).map(({ spec, status, deletionTimestamp, children: { name, annotation, managedFields, spec: childSpec, status: childStatus } }): any => {
  const child = (apiVersion: string, kind: string) => ({
    apiVersion,
    kind,
    metadata: { name, generation: 1, annotations: { 'metacontroller.k8s.io/last-applied-configuration': annotation }, managedFields },
    spec: childSpec,
    status: childStatus
  })
  return {
    ...makeRequest({ spec, status, metadata: { ...(deletionTimestamp !== undefined && { deletionTimestamp }) } }),
    children: {
      'Deployment.apps/v1': { a: child('apps/v1', 'Deployment'), b: {} },
      'SinkBinding.sources.knative.dev/v1': { 'demo/a': child('sources.knative.dev/v1', 'SinkBinding') },
      'Event.v1': { a: child('v1', 'Event') },
      '': {}
    }
  }
})

t.test('total and deterministic: no valid request makes it throw, and none gets two answers', async t => {
  fc.assert(fc.property(arbitraryRequest, request => {
    if (!Value.Check(SyncRequest, request)) throw new Error('the request is not of the schema')
    const before = JSON.stringify(request)
    const answer = JSON.stringify(reconcile(request, settings, now))
    if (JSON.stringify(request) !== before) throw new Error('the request was changed')
    return answer === JSON.stringify(reconcile(structuredClone(request), settings, now))
  }), { numRuns: runs(2000) })
})

t.test('with hostile depth it neither throws nor returns an answer that cannot be serialized', async t => {
  const nested = (depth: number) => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)
  const deep = nested(100_000)
  const request: any = withChildren(makeRequest(), deploymentReady, sinkBindingReady)
  const deployment = request.children['Deployment.apps/v1']['demo/a']
  const annotations = { 'metacontroller.k8s.io/last-applied-configuration': `{"spec":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}` }
  const managedFields = [{ operation: 'Apply', fieldsV1: { 'f:metadata': { 'f:ownerReferences': {} }, 'f:spec': deep } }]
  for (const child of [
    { ...deployment, spec: deep },
    { ...deployment, spec: deep, metadata: { ...deployment.metadata, annotations } },
    { ...deployment, spec: deep, metadata: { ...deployment.metadata, annotations: {}, managedFields } },
    { ...deployment, spec: { replicas: [deep] } },
    { ...deployment, status: deep }
  ]) {
    for (const parentSpec of [spec, deep]) {
      const parent = makeRequest({ spec: parentSpec, status: deep }).parent
      const children = { 'Deployment.apps/v1': { 'demo/a': child } }
      t.ok(JSON.stringify(reconcile({ ...request, parent, children }, settings, now)))
    }
  }
})
