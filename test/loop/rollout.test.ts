import t from 'tap'
import { changed } from '../samplesource/source.js'
import { applyAndSettle, child, condition, inCluster, sampleSource, stored, watchReady, writesInSyncs } from './desk.js'

inCluster(t, 'a strategy that allows all pods to be unavailable: Ready is not True without a pod', async (t, cluster) => {
  await applyAndSettle(cluster)
  cluster.person(child(cluster, 'Deployment'), deployment => { deployment.spec.strategy.rollingUpdate = { maxSurge: 0, maxUnavailable: 1 } })
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'True')
  t.equal(child(cluster, 'Deployment').spec.strategy.rollingUpdate.maxUnavailable, 1, 'it survives')

  const ready = watchReady(cluster)
  cluster.deployments.be('refused')
  cluster.apply(sampleSource(changed(20)))
  await cluster.settle()
  t.match(child(cluster, 'Deployment').status, { conditions: [{ type: 'Available', status: 'True' }, { type: 'ReplicaFailure' }, {}] })
  t.equal(condition(stored(cluster)), 'False FailedCreate')

  cluster.deployments.be('failing')
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'Unknown DeploymentUpdating')
  await cluster.advance(700)
  t.equal(condition(stored(cluster)), 'False ProgressDeadlineExceeded')
  // The first is for the old spec.
  t.same(ready, ['True', 'Unknown DeploymentUpdating', 'False FailedCreate', 'Unknown DeploymentUpdating', 'False ProgressDeadlineExceeded'])

  cluster.deployments.be('working')
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'True')
  cluster.deployments.be('unready')
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'False MinimumReplicasUnavailable', 'it was available')
})

inCluster(t, 'a Deployment that a person has paused is reported once something changes', async (t, cluster) => {
  await applyAndSettle(cluster)
  cluster.person(child(cluster, 'Deployment'), deployment => { deployment.spec.paused = true })
  t.match(await cluster.settle(), { settled: true })
  t.equal(condition(stored(cluster)), 'True')
  cluster.apply(sampleSource(changed(20)))
  const { settled } = await cluster.settle()
  t.ok(settled)
  t.equal(condition(stored(cluster)), 'Unknown DeploymentPaused')
  t.same(await writesInSyncs(cluster, 5), [])
  cluster.person(child(cluster, 'Deployment'), deployment => { delete deployment.spec.paused })
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'True')
})
