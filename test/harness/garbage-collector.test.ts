import t from 'tap'
import { ApiServer } from './api-server.js'
import { Clock } from './clock.js'
import { GarbageCollector } from './garbage-collector.js'
import type { KubeObject } from './resource.js'

const by = { manager: 'm' }

function makeCluster () {
  const api = new ApiServer(new Clock())
  const collector = new GarbageCollector(api)
  const make = (name: string, owners: KubeObject[] = [], { finalizers = [], blockOwnerDeletion = true }: { finalizers?: string[], blockOwnerDeletion?: boolean } = {}) => api.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name,
      ...(owners.length > 0 && { ownerReferences: owners.map(({ apiVersion, kind, metadata }) => ({ apiVersion, kind, name: metadata.name, uid: metadata.uid, blockOwnerDeletion })) }),
      ...(finalizers.length > 0 && { finalizers })
    }
  }, by)
  const collect = () => {
    while (collector.step());
    return api.list('v1', 'ConfigMap').map(({ metadata: { name } }) => name)
  }
  return { api, make, collect }
}

t.test('in the background, children are deleted after their owner, and grandchildren after them', async t => {
  const { api, make, collect } = makeCluster()
  const owner = make('owner')
  const child = make('child', [owner])
  make('grandchild', [child])
  make('stranger')
  t.strictSame(collect(), ['owner', 'child', 'grandchild', 'stranger'])
  api.delete(owner, by)
  t.strictSame(collect(), ['stranger'])
})

t.test('an Event is not collected, and nothing waits for it', async t => {
  const { api, make, collect } = makeCluster()
  const owner = make('owner')
  const { apiVersion, kind, metadata: { name, uid } } = owner
  api.create({ apiVersion: 'v1', kind: 'Event', metadata: { name: 'event', ownerReferences: [{ apiVersion, kind, name, uid, blockOwnerDeletion: true }] }, involvedObject: { namespace: 'default' } }, by)
  api.delete(owner, { ...by, propagation: 'Foreground' })
  t.strictSame(collect(), [])
  t.equal(api.list('v1', 'Event').length, 1)
})

t.test('a child of two owners is deleted with the second', async t => {
  const { api, make, collect } = makeCluster()
  const [one, two] = [make('one'), make('two')]
  const child = make('child', [one, two])
  api.delete(one, by)
  t.strictSame(collect(), ['two', 'child'])
  t.strictSame(api.get(child).metadata.ownerReferences?.map(({ name }) => name), ['two'])
  api.delete(two, by)
  t.strictSame(collect(), [])
})

t.test('a cluster-scoped object with an owner in a namespace stays', async t => {
  const { api, make, collect } = makeCluster()
  const owner = make('owner')
  const { apiVersion, kind, metadata: { name, uid } } = owner
  const role = api.create({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'role', ownerReferences: [{ apiVersion, kind, name, uid }] } }, by)
  collect()
  api.delete(owner, by)
  collect()
  t.equal(api.find(role), role)
})

t.test('in the foreground, an owner waits for the children that block it', async t => {
  const { api, make, collect } = makeCluster()
  const owner = make('owner')
  const child = make('child', [owner], { finalizers: ['x/hold'] })
  make('free', [owner], { finalizers: ['x/hold'], blockOwnerDeletion: false })
  api.delete(owner, { ...by, propagation: 'Foreground' })
  t.strictSame(api.get(owner).metadata.finalizers, ['foregroundDeletion'])
  t.strictSame(collect(), ['owner', 'child', 'free'])
  t.ok(api.get(child).metadata.deletionTimestamp)
  api.patch(child, { metadata: { finalizers: null } }, by)
  t.strictSame(collect(), ['free'])
})

t.test('orphans stay without their owner', async t => {
  const { api, make, collect } = makeCluster()
  const owner = make('owner')
  const child = make('child', [owner])
  api.delete(owner, { ...by, propagation: 'Orphan' })
  t.strictSame(collect(), ['child'])
  t.equal(api.get(child).metadata.ownerReferences, undefined)
})

t.test('an owner with the same name and another uid does not count', async t => {
  const { api, make, collect } = makeCluster()
  const owner = make('owner')
  make('child', [owner])
  api.delete(owner, by)
  make('owner')
  t.strictSame(collect(), ['owner'])
})
