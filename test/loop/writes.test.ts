import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import * as names from '../../src/samplesource/names.js'
import { changed, requiredSpec } from '../samplesource/source.js'
import type { Cluster } from '../harness/cluster.js'
import { isSoak } from '../soak.js'
import { applyAndSettle, changesOf, child, combinations, inCluster, sampleSource, watchReady, writesInSyncs } from './desk.js'

/* The writes of Metacontroller between two stages, and the number of pods that they start. */

const withAudience = { sink: { ...requiredSpec.sink, audience: 'event-display' } }

/** The differences between the clusters. */
const clusters: Array<[name: string, spec: object, change: (cluster: Cluster) => void]> = [
  ['as Knative comes', {}, () => {}],
  ['the cache of Knative\'s controller is behind', {}, ({ sinkBindings }) => { sinkBindings.cacheLags = true }],
  ['without its webhook', {}, ({ sinkBindings }) => { sinkBindings.webhook = false }],
  ['pods take a while', {}, ({ deployments }) => { deployments.startupSeconds = 3 }],
  ['an audience', withAudience, ({ sinkBindings }) => { sinkBindings.oidc = true }],
  ['an audience, and the cache is behind', withAudience, ({ sinkBindings }) => { sinkBindings.oidc = sinkBindings.cacheLags = true }]
]

/**
 * Metacontroller's writes of children. Server-side apply sends the same again after others changed a child;
 * additions by Knative's webhook count as the webhook's writes.
 */
const childWritesOf = (cluster: Cluster): string[] => changesOf(cluster, 'metacontroller', ({ old, object }) =>
  old === undefined || !isDeepStrictEqual(withoutInjected(old), withoutInjected(object))).filter(change => !isStatusWrite(change))

function withoutInjected (object: any): unknown {
  const { spec, metadata: { labels, annotations } } = structuredClone(object)
  const pod = spec.template?.spec
  delete pod?.volumes
  for (const container of pod?.containers ?? []) {
    delete container.volumeMounts
    container.env = container.env.filter(({ name }: { name: string }) => !['K_SINK', 'K_CE_OVERRIDES', 'K_CA_CERTS'].includes(name))
  }
  return { spec, labels, annotations }
}

const statusWrite = `update ${names.kind}/status`
const isStatusWrite = (change: string) => change === statusWrite

for (const [name, spec, change] of clusters) {
  inCluster(t, `a new source starts one pod with the fewest writes: ${name}`, async (t, cluster) => {
    change(cluster)
    const ready = watchReady(cluster)
    await applyAndSettle(cluster, sampleSource(spec))
    const stages = ['Unknown SinkBindingMissing', 'Unknown SinkBindingUpdating', 'Unknown DeploymentUpdating', 'True']
    t.same(ready, stages.filter(stage => ready.includes(stage)), 'the stages are in order')
    t.same(childWritesOf(cluster), ['create Deployment', 'create SinkBinding', 'update Deployment'])
    t.ok(changesOf(cluster).filter(isStatusWrite).length <= 4)
    t.same(cluster.deployments.startedPods.length, 1)
    const [pod] = cluster.deployments.startedPods
    t.match(pod?.spec.containers[0].env.filter(({ name }: { name: string }) => name === 'K_SINK'), [{ value: 'http://event-display.demo.svc.cluster.local' }])
    t.same(pod?.spec.volumes?.map(({ name }: { name: string }) => name), spec === withAudience ? ['oidc-token'] : undefined)
    t.same(cluster.events.filter(({ source }) => source === 'metacontroller'), [])

    const syncs = isSoak ? 100 : 20
    t.same(await writesInSyncs(cluster, syncs), [], `and then ${syncs} syncs write nothing`)
  }, combinations)

  inCluster(t, `a change takes few writes: ${name}`, async (t, cluster) => {
    change(cluster)
    await applyAndSettle(cluster, sampleSource(spec))
    const changes: Array<[what: string, spec: object, child: string, statusWrites: number]> = [
      ['what the env has', { ...spec, ...changed(20) }, 'Deployment', 2],
      ['sink', { ...spec, ...changed(20), sink: { uri: 'http://other', ...(spec === withAudience && { audience: 'other' }) } }, 'SinkBinding', 3]
    ]
    for (const [what, changed, kind, most] of changes) {
      cluster.api.resetWrites()
      cluster.deployments.startedPods.length = 0
      cluster.apply(sampleSource(changed))
      await cluster.settle()
      t.same(childWritesOf(cluster), [`update ${kind}`], what)
      t.ok(changesOf(cluster).filter(isStatusWrite).length <= most, `${what}: ${changesOf(cluster).filter(isStatusWrite).length} status writes`)
      t.equal(cluster.deployments.startedPods.length, 1, what)
      t.equal(child(cluster, 'Deployment').spec.replicas, 1)
    }
  }, combinations)
}
