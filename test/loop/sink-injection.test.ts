import t from 'tap'
import type { Cluster } from '../harness/cluster.js'
import { changed, invalid } from '../samplesource/source.js'
import { applyAndSettle, changesOf, child, condition, eventDisplay, inCluster, sampleSource, stored, writesInSyncs } from './desk.js'

/* No pod starts before its sink is known. A source is ready only if its adapter has the sink of the status. */

const deployed = (cluster: Cluster) => condition(stored(cluster), 'Deployed')
const pods = (cluster: Cluster) => cluster.deployments.startedPods.length

inCluster(t, 'while the sink is missing, no pod is started, whatever else happens', async (t, cluster) => {
  cluster.apply(sampleSource())
  await cluster.settle()
  for (const spec of [changed(20), invalid, changed(30)]) {
    t.match(child(cluster, 'Deployment').spec, { replicas: 0 })
    t.equal(deployed(cluster), 'Unknown WaitingForSink')
    cluster.apply(sampleSource(spec))
    await cluster.settle()
  }
  t.equal(condition(stored(cluster)), 'False NoAddressable')
  cluster.api.resetWrites()
  await cluster.advance(1000)
  t.same(changesOf(cluster), [], 'it waits as long as it takes')
  t.equal(pods(cluster), 0)

  cluster.apply(eventDisplay)
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'True')
  t.equal(pods(cluster), 1)
})

inCluster(t, 'a Deployment keeps its replica when the sink disappears or the spec becomes invalid', async (t, cluster) => {
  await applyAndSettle(cluster)
  const scaled: number[] = []
  cluster.onStep(step => {
    if (step.type === 'write' && step.write.kind === 'Deployment' && step.write.object?.spec.replicas !== 1) scaled.push(step.write.object?.spec.replicas)
  })
  cluster.delete(eventDisplay)
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'False NoAddressable')
  for (const spec of [invalid, changed(20)]) {
    cluster.apply(sampleSource(spec))
    await cluster.settle()
  }
  cluster.delete(child(cluster, 'SinkBinding'))
  await cluster.settle()
  t.same(scaled, [])
  cluster.apply(eventDisplay)
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'True')
})

inCluster(t, 'a person\'s scaling is kept while the source waits for its sink, and repaired while it runs', async (t, cluster) => {
  cluster.apply(sampleSource())
  await cluster.settle()
  cluster.person(child(cluster, 'Deployment'), { spec: { replicas: 1 } })
  await cluster.settle()
  t.match(child(cluster, 'Deployment').spec, { replicas: 1, paused: undefined })
  cluster.apply(eventDisplay)
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'True')

  cluster.person(child(cluster, 'Deployment'), { spec: { replicas: 0 } })
  const { settled } = await cluster.settle()
  t.ok(settled)
  t.equal(child(cluster, 'Deployment').spec.replicas, 1)
  t.equal(condition(stored(cluster)), 'True')
})

inCluster(t, 'a Deployment that a person deletes is created again, and starts one pod with its sink', async (t, cluster) => {
  await applyAndSettle(cluster)
  for (const webhook of [true, false]) {
    cluster.sinkBindings.webhook = webhook
    cluster.deployments.startedPods.length = 0
    cluster.delete(child(cluster, 'Deployment'))
    await cluster.settle()
    t.equal(condition(stored(cluster)), 'True')
    t.equal(pods(cluster), 1)
    t.ok(cluster.deployments.startedPods[0]?.spec.containers[0].env.some(({ name }: { name: string }) => name === 'K_SINK'))
  }
})

inCluster(t, 'a Deployment that is created again while nothing injects the sink starts no pod, and the status says what to check', async (t, cluster) => {
  await applyAndSettle(cluster)
  cluster.sinkBindings.be('lagging')
  cluster.deployments.startedPods.length = 0
  cluster.delete(child(cluster, 'Deployment'))
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'Unknown SinkNotInjected')
  t.equal(pods(cluster), 0)
  cluster.sinkBindings.be('working')
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'True')
  t.equal(pods(cluster), 1)
})

inCluster(t, 'Ready is Unknown until a rollout is complete, also if the old pod stops first', async (t, cluster) => {
  await applyAndSettle(cluster)
  cluster.person(child(cluster, 'Deployment'), { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } })
  await cluster.settle()
  cluster.deployments.startupSeconds = 3
  const seen = new Set<string | undefined>()
  cluster.onStep(() => seen.add(deployed(cluster)))
  cluster.apply(sampleSource(changed(20)))
  await cluster.settle()
  t.same([...seen], ['True', 'Unknown DeploymentUpdating'].slice(seen.has('True') ? 0 : 1))
  t.equal(deployed(cluster), 'True')
})

inCluster(t, 'K_SINK is removed while nothing injects it: Ready is no longer True, and says what to check', async (t, cluster) => {
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
  t.same(await writesInSyncs(cluster, 5), [])
  cluster.sinkBindings.be('working')
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'True')
})
