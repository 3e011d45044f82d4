import t from 'tap'
import { applyAndSettle, child, inCluster, sampleSource, stored } from './desk.js'

inCluster(t, 'the children are as desired, with the values from SinkBinding', async (t, cluster) => {
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
