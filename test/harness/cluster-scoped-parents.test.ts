import t, { type Test } from 'tap'
import type { ApplyStrategy } from './child-manager.js'
import { Cluster } from './cluster.js'
import { fakeHook, type FakeCall } from './fake-hook.js'
import type { Manifest } from './resource.js'

/* Cluster-scoped parents: their children are in any namespace, or in none. */

const free = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'tenants.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Cluster',
    names: { kind: 'Tenant', plural: 'tenants' },
    versions: [{ name: 'v1', served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: { type: 'object', properties: { spec: free, status: free } } } }]
  }
}
const updateStrategy = { method: 'InPlace' }
const controller = {
  apiVersion: 'metacontroller.k8s.io/v1alpha1',
  kind: 'CompositeController',
  metadata: { name: 'tenant-controller' },
  spec: {
    generateSelector: true,
    parentResource: { apiVersion: 'example.com/v1', resource: 'tenants' },
    childResources: [{ apiVersion: 'v1', resource: 'configmaps', updateStrategy }, { apiVersion: 'v1', resource: 'namespaces', updateStrategy }],
    hooks: { sync: { version: 'v2', webhook: { path: '/sync' } } }
  }
}
const tenant = { apiVersion: 'example.com/v1', kind: 'Tenant', metadata: { name: 'red' }, spec: {} }
const configMap = (namespace?: string, metadata = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', ...(namespace !== undefined && { namespace }), ...metadata } })
const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'red-space' } }

async function makeCluster (t: Test, answer: (call: FakeCall) => unknown, options: { hookVersion?: 'v1' | 'v2', applyStrategy?: ApplyStrategy } = {}, spec = {}) {
  const hook = await fakeHook(t, answer)
  const manifests = [definition, { ...controller, spec: { ...controller.spec, ...spec } }]
  return { cluster: new Cluster({ hookUrl: hook.url, manifests, ...options }), calls: hook.calls }
}

const keysOf = (call: FakeCall | undefined) => Object.fromEntries(Object.entries<object>(call?.body.children).map(([kind, group]) => [kind, Object.keys(group)]))

/** An answer that keeps all existing children unchanged. */
const kept = (children: Record<string, Record<string, Manifest>>) => Object.values(children).flatMap(group => Object.values(group))
  .map(({ apiVersion, kind, metadata: { name, namespace } }) => ({ apiVersion, kind, metadata: { name, namespace } }))

for (const applyStrategy of ['dynamic-apply', 'server-side-apply'] as const) {
  for (const hookVersion of ['v1', 'v2'] as const) {
    t.test(`children in several namespaces and in none are created, observed and left alone (${applyStrategy}, ${hookVersion})`, async t => {
      const children = [configMap('blue'), configMap('green'), namespace]
      const { cluster, calls } = await makeCluster(t, () => ({ status: {}, children }), { applyStrategy, hookVersion })
      const [parent] = cluster.apply(tenant)
      t.match(await cluster.settle(), { settled: true })
      t.strictSame(cluster.events, [])
      t.strictSame(keysOf(calls[0]), { 'ConfigMap.v1': [], 'Namespace.v1': [] })
      t.strictSame(keysOf(calls.at(-1)), { 'ConfigMap.v1': ['blue/settings', 'green/settings'], 'Namespace.v1': ['red-space'] })
      const owner = { apiVersion: 'example.com/v1', kind: 'Tenant', name: 'red', uid: parent?.metadata.uid, controller: true, blockOwnerDeletion: true }
      for (const child of children) t.strictSame(cluster.api.get(child).metadata.ownerReferences, [owner])
      cluster.api.resetWrites()
      await cluster.resync(tenant, 3)
      t.equal(cluster.api.count(), 0)
    })
  }
}

t.test('a person\'s change or deletion of a child, in any namespace, triggers a sync', async t => {
  const { cluster, calls } = await makeCluster(t, () => ({ status: {}, children: [{ ...configMap('blue'), data: { a: '1' } }, { ...namespace, metadata: { ...namespace.metadata, labels: { a: '1' } } }] }))
  cluster.apply(tenant)
  await cluster.settle()
  const { length } = calls
  cluster.person(configMap('blue'), { data: { a: '2' } })
  await cluster.settle()
  t.match(cluster.api.get(configMap('blue')), { data: { a: '1' } })
  cluster.delete(namespace)
  await cluster.settle()
  t.match(cluster.api.find(namespace), { metadata: { labels: { a: '1' } } })
  t.equal(calls.length, length + 4, 'once for each thing that the person did, and once for each repair')
})

t.test('claims: orphans with the label are adopted in every namespace, and children without it are released', async t => {
  const { cluster, calls } = await makeCluster(t, ({ body }) => ({ status: {}, children: kept(body.children) }))
  const [parent] = cluster.apply(tenant)
  await cluster.settle()
  const uid = parent?.metadata.uid ?? ''
  const labels = { 'controller-uid': uid }
  cluster.apply(configMap('blue', { labels }))
  cluster.apply(configMap('green', { labels }))
  cluster.apply(configMap('yellow'))
  cluster.apply({ ...namespace, metadata: { ...namespace.metadata, labels } })
  // A child with another controller is not an orphan.
  cluster.apply(configMap('grey', { labels, ownerReferences: [{ apiVersion: 'v1', kind: 'Namespace', name: 'red-space', uid: cluster.api.get(namespace).metadata.uid, controller: true }] }))
  await cluster.settle()
  for (const child of [configMap('blue'), configMap('green'), namespace]) t.match(cluster.api.get(child).metadata.ownerReferences, [{ uid, controller: true, blockOwnerDeletion: true }])
  t.equal(cluster.api.get(configMap('yellow')).metadata.ownerReferences, undefined)
  t.match(cluster.api.get(configMap('grey')).metadata.ownerReferences, [{ kind: 'Namespace' }])
  t.equal(cluster.api.get(configMap('grey')).metadata.ownerReferences?.length, 1)
  t.strictSame(keysOf(calls.at(-1)), { 'ConfigMap.v1': ['blue/settings', 'green/settings'], 'Namespace.v1': ['red-space'] })

  cluster.person(configMap('green'), { metadata: { labels: { 'controller-uid': null } } })
  await cluster.settle()
  t.equal(cluster.api.get(configMap('green')).metadata.ownerReferences, undefined)
  t.strictSame(keysOf(calls.at(-1)), { 'ConfigMap.v1': ['blue/settings'], 'Namespace.v1': ['red-space'] })
})

t.test('a parent with its own selector adopts an orphan that matches', async t => {
  const { cluster } = await makeCluster(t, ({ body }) => ({ status: {}, children: kept(body.children) }), {}, { generateSelector: false })
  const [parent] = cluster.apply({ ...tenant, spec: { selector: { matchLabels: { app: 'a' } } } })
  await cluster.settle()
  cluster.apply(configMap('blue', { labels: { app: 'a' } }))
  cluster.apply(configMap('green', { labels: { app: 'b' } }))
  await cluster.settle()
  t.match(cluster.api.get(configMap('blue')).metadata.ownerReferences, [{ uid: parent?.metadata.uid }])
  t.equal(cluster.api.get(configMap('green')).metadata.ownerReferences, undefined)
})

t.test('all children are deleted with their parent', async t => {
  const { cluster } = await makeCluster(t, () => ({ status: {}, children: [configMap('blue'), namespace] }))
  cluster.apply(tenant)
  await cluster.settle()
  cluster.delete(tenant)
  await cluster.settle()
  for (const child of [configMap('blue'), namespace]) t.equal(cluster.api.find(child), undefined)
})

t.test('a child of a namespaced kind needs a namespace', async t => {
  for (const applyStrategy of ['dynamic-apply', 'server-side-apply'] as const) {
    const { cluster } = await makeCluster(t, () => ({ status: {}, children: [configMap()] }), { applyStrategy })
    cluster.apply(tenant)
    await cluster.settle({ patience: 0 })
    t.equal(cluster.events[0]?.message, `Sync error: can't reconcile children for Tenant red: ${applyStrategy === 'dynamic-apply' ? 'the server does not allow this method on the requested resource' : 'the server could not find the requested resource'}`)
  }
})
