import t from 'tap'
import * as names from '../../src/samplesource/names.js'
import { changed, invalid } from '../samplesource/source.js'
import { applyAndSettle, changesOf, child, condition, eventDisplay, inCluster, sampleSource, stored } from './desk.js'

inCluster(t, 'an invalid spec on a running source changes no child; once repaired, it goes on', async (t, cluster) => {
  await applyAndSettle(cluster)
  const before = cluster.children(stored(cluster))
  cluster.api.resetWrites()
  cluster.apply(sampleSource(invalid))
  await cluster.settle()
  t.same(changesOf(cluster), [`update ${names.kind}/status`])
  t.equal(condition(stored(cluster)), 'False InvalidSpec')
  t.match(stored(cluster).status, { observedGeneration: 2, sinkUri: 'http://event-display.demo.svc.cluster.local' })

  cluster.api.resetWrites()
  await cluster.resync(stored(cluster), 20)
  t.same(cluster.api.writes.filter(({ changed }) => changed), [])
  t.same(cluster.children(stored(cluster)), before)

  cluster.apply(sampleSource(changed(20)))
  const { settled } = await cluster.settle()
  t.ok(settled)
  t.same(changesOf(cluster).filter(change => !change.includes('status')), ['update Deployment'])
  t.equal(condition(stored(cluster)), 'True')
})

inCluster(t, 'an invalid spec from the start creates nothing; once repaired, the source becomes ready', async (t, cluster) => {
  cluster.apply(eventDisplay)
  cluster.apply(sampleSource(invalid))
  await cluster.settle()
  t.same(changesOf(cluster), [`update ${names.kind}/status`])
  t.equal(condition(stored(cluster)), 'False InvalidSpec')
  t.equal(condition(stored(cluster), 'Deployed'), 'Unknown DeploymentMissing')
  cluster.apply(sampleSource())
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'True')
})

inCluster(t, 'a person\'s changes while the spec is invalid stay until it is repaired', async (t, cluster) => {
  await applyAndSettle(cluster)
  cluster.apply(sampleSource(invalid))
  await cluster.settle()
  const { metadata: { uid }, spec: { template: { spec: { containers: [{ env }] } } } } = child(cluster, 'Deployment')
  cluster.person(child(cluster, 'Deployment'), deployment => {
    deployment.spec.replicas = 2
    deployment.spec.template.spec.containers[0].env.splice(1, 1)
    deployment.metadata.labels['knative-eventing-source'] = 'theirs'
  })
  const edited = child(cluster, 'Deployment')
  const { settled } = await cluster.settle()
  t.ok(settled)
  await cluster.resync(stored(cluster), 5)
  t.same(child(cluster, 'Deployment').spec, edited.spec)
  t.same(child(cluster, 'Deployment').metadata.labels, edited.metadata.labels)

  cluster.apply(sampleSource())
  await cluster.settle()
  t.equal(child(cluster, 'Deployment').spec.replicas, 1)
  t.same(sortByName(child(cluster, 'Deployment').spec.template.spec.containers[0].env), sortByName(env))
  t.equal(child(cluster, 'Deployment').metadata.labels?.['knative-eventing-source'], names.controllerAgentName)
  t.equal(child(cluster, 'Deployment').metadata.uid, uid)
  t.equal(condition(stored(cluster)), 'True')
})

const sortByName = (env: Array<{ name: string }>) => env.toSorted((one, other) => one.name < other.name ? -1 : 1)

inCluster(t, 'a spec that the CRD refuses is not stored', async (t, cluster) => {
  t.throws(() => cluster.apply(sampleSource({ serviceAccountName: 10 })), /serviceAccountName/)
  t.throws(() => cluster.apply(sampleSource({ sink: undefined })), /sink/)
})

inCluster(t, 'extensions that the adapter could not send start no rollout', async (t, cluster) => {
  await applyAndSettle(cluster)
  const before = cluster.children(stored(cluster))
  cluster.api.resetWrites()
  // An API server without CEL rules accepts them.
  const extensions = [{ subject: 'a' }, { validate: 'a' }, { team: 'samples\n' }, Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`a${index}`, 'x'.repeat(8000)]))]
  for (const [index, bad] of extensions.entries()) {
    cluster.apply(sampleSource({ ceOverrides: { extensions: bad } }))
    await cluster.settle()
    t.equal(condition(stored(cluster)), 'False InvalidSpec')
    t.match(stored(cluster).status.conditions.find(({ type }: { type: string }) => type === 'SpecValid').message, /^spec\.ceOverrides\.extensions[^;]*$/)
    t.equal(stored(cluster).status.observedGeneration, index + 2)
  }
  t.same(changesOf(cluster).filter(change => !change.includes('status')), [])
  t.same(cluster.children(stored(cluster)), before)
})
