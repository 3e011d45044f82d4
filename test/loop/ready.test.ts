import t from 'tap'
import * as names from '../../src/samplesource/names.js'
import { applyAndSettle, changesOf, child, inEveryCluster, sampleSource, stored, watchReady } from './desk.js'

inEveryCluster(t, 'a new source gets ready by the fewest writes, and then 100 syncs write nothing', async (t, cluster) => {
  const ready = watchReady(cluster)
  await applyAndSettle(cluster)
  t.same(changesOf(cluster), [
    'create Deployment',
    'create SinkBinding',
    `update ${names.kind}/status`,
    `update ${names.kind}/status`,
    `update ${names.kind}/status`,
    `update ${names.kind}/status`
  ])
  t.same(ready, [
    'Unknown SinkBindingMissing',
    'Unknown DeploymentUpdating',
    'False MinimumReplicasUnavailable',
    'True'
  ], 'a status write for each stage')
  t.same(cluster.events, [])

  cluster.api.resetWrites()
  await cluster.resync(stored(cluster), 100)
  t.same(cluster.api.writes, [])
})

inEveryCluster(t, 'the children are as asked, and have what SinkBinding puts into them', async (t, cluster) => {
  await applyAndSettle(cluster, sampleSource({ ceOverrides: { extensions: { team: 'a' } }, resources: { limits: { cpu: '1000m' } } }))
  const [container] = child(cluster, 'Deployment').spec.template.spec.containers
  t.match(container, { resources: { limits: { cpu: '1' } } })
  t.match(Object.fromEntries(container.env.map(({ name, value }: { name: string, value: string }) => [name, value])), {
    EVENT_SOURCE: 'demo/heartbeat',
    INTERVAL: '10s',
    K_SINK: 'http://event-display.demo.svc.cluster.local',
    K_CE_OVERRIDES: '{"extensions":{"team":"a"}}'
  })
  t.match(stored(cluster).status, { observedGeneration: 1, sinkUri: 'http://event-display.demo.svc.cluster.local' })
})
