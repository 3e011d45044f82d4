import t, { type Test } from 'tap'
import * as names from '../../src/samplesource/names.js'
import { Cluster } from '../harness/cluster.js'
import { buildWith } from '../manifests/harness/kustomize.js'
import { applyAndSettle, changesOf, combinationsInTurn, condition, eventDisplay, sampleSource, startHook, stored, writesInSyncs } from './desk.js'

/* The component `ordered-teardown`: the Deployment of a deleted source is deleted before its SinkBinding. */

/** The CompositeController of the base with the components. */
const controllerSpec: any = (await buildWith(t, ['events', 'ordered-teardown'])).find(({ kind }) => kind === 'CompositeController')?.spec
const finalizer = `metacontroller.io/compositecontroller-${names.singular}-controller`

function inCluster (name: string, test: (t: Test, cluster: Cluster, hook: { close: () => Promise<void> }) => Promise<void>): void {
  for (const combination of combinationsInTurn()) {
    t.test(`${name} (${combination.hookVersion}, ${combination.applyStrategy})`, async t => {
      const hook = await startHook(t)
      await test(t, new Cluster({
        hookUrl: hook.url,
        ...combination,
        controller: ({ spec }) => {
          spec.childResources = controllerSpec.childResources
          spec.hooks.finalize = { ...controllerSpec.hooks.finalize, version: combination.hookVersion }
        }
      }), hook)
    })
  }
}

/** All writes of the children, and of the source's finalizers. */
const writesOf = (cluster: Cluster): string[] => cluster.api.writes
  .filter(({ kind, subresource }) => kind !== 'Event' && subresource === undefined)
  .map(({ manager, verb, kind }) => `${manager}: ${verb} ${kind}`)

inCluster('the Deployment is deleted first, without other changes', async (t, cluster) => {
  await applyAndSettle(cluster)
  t.equal(condition(stored(cluster)), 'True')
  t.same(stored(cluster).metadata.finalizers, [finalizer])
  t.same(await writesInSyncs(cluster, 10), [], 'at rest, nothing is written')

  cluster.delete(stored(cluster))
  const { settled } = await cluster.settle()
  t.ok(settled)
  t.equal(cluster.parent('heartbeat', 'demo'), undefined)
  t.same(cluster.api.list('apps/v1', 'Deployment'), [])
  t.same(cluster.api.list('sources.knative.dev/v1', 'SinkBinding'), [])
  const writes = writesOf(cluster)
  t.same(writes.filter(write => / (update|patch|apply|create) Deployment/.test(write)), [], 'no pod is replaced')
  t.same(writes.filter(write => write.startsWith('metacontroller')), ['metacontroller: delete Deployment', 'metacontroller: delete SinkBinding', `metacontroller: update ${names.kind}`])
})

inCluster('the source waits until its children are gone', async (t, cluster) => {
  await applyAndSettle(cluster)
  cluster.sinkBindings.be('lagging')
  cluster.delete(stored(cluster))
  await cluster.settle()
  t.same(cluster.api.list('apps/v1', 'Deployment'), [])
  t.equal(condition(stored(cluster), 'SinkBindingReady'), 'Unknown SinkBindingTerminating')
  t.same(stored(cluster).metadata.finalizers, [finalizer])
  t.same(await writesInSyncs(cluster, 10), [], 'meanwhile nothing is written')
  cluster.sinkBindings.be('working')
  await cluster.advance(60)
  t.equal(cluster.parent('heartbeat', 'demo'), undefined)
})

inCluster('a source with an invalid spec, and one without children, can be deleted', async (t, cluster) => {
  cluster.apply(eventDisplay)
  const invalid = { resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }
  await applyAndSettle(cluster)
  cluster.apply(sampleSource(invalid))
  cluster.apply(sampleSource(invalid, 'childless'))
  await cluster.settle()
  for (const name of ['heartbeat', 'childless']) cluster.delete(stored(cluster, name))
  await cluster.settle()
  t.same(cluster.api.list(names.apiVersion, names.kind), [])
  t.same(cluster.api.list('sources.knative.dev/v1', 'SinkBinding'), [])
})

inCluster('with foreground deletion Kubernetes deletes the children, and then the source', async (t, cluster) => {
  await applyAndSettle(cluster)
  cluster.api.resetWrites()
  cluster.delete(stored(cluster), 'Foreground')
  await cluster.settle()
  t.equal(cluster.parent('heartbeat', 'demo'), undefined)
  t.same(cluster.api.list('apps/v1', 'Deployment'), [])
  t.same(changesOf(cluster).filter(change => change.startsWith('create')), [])
})

inCluster('a dead hook blocks the deletion of the source; without the finalizer it is deleted', async (t, cluster, hook) => {
  await applyAndSettle(cluster)
  await hook.close()
  cluster.delete(stored(cluster))
  await cluster.settle({ patience: 5, maxSyncs: 4 })
  t.match(cluster.events.at(-1), { type: 'Warning', reason: 'SyncError', message: /connection refused/ })
  t.equal(cluster.api.list('apps/v1', 'Deployment').length, 1)
  cluster.person(stored(cluster), source => { source.metadata.finalizers = [] })
  await cluster.settle()
  t.equal(cluster.parent('heartbeat', 'demo'), undefined)
  t.same(cluster.api.list('apps/v1', 'Deployment'), [])
})
