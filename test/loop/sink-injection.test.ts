import t from 'tap'
import { applyAndSettle, child, condition, inEveryCluster, stored } from './desk.js'

/* The sink in the adapter is the one that the status names, or the source is not ready. */

inEveryCluster(t, 'K_SINK goes while nobody puts it in again: Ready leaves True, and says what to look for', async (t, cluster) => {
  await applyAndSettle(cluster)
  cluster.sinkBindings.be('lagging')
  cluster.person(child(cluster, 'Deployment'), deployment => {
    const [container] = deployment.spec.template.spec.containers
    container.env = container.env.filter(({ name }: { name: string }) => name !== 'K_SINK')
  })
  const { settled } = await cluster.settle()
  t.ok(settled)
  t.equal(condition(stored(cluster)), 'Unknown SinkNotInjected')
  t.match(stored(cluster).status.conditions.find(({ type }: { type: string }) => type === 'Ready').message, /controller of SinkBindings/)
  cluster.api.resetWrites()
  await cluster.resync(stored(cluster), 5)
  t.same(cluster.api.writes, [])
  cluster.sinkBindings.be('working')
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'True')
})
