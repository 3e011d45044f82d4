import t from 'tap'
import { changed } from '../samplesource/source.js'
import { applyAndSettle, child, condition, inCluster, sampleSource, stored, writesInSyncs } from './desk.js'

/** The changes that a person makes to the Deployment. */
const edits: Array<[name: string, edit: (deployment: any) => void]> = [
  ['scales it', deployment => { deployment.spec.replicas = 3 }],
  ['changes the image', deployment => { deployment.spec.template.spec.containers[0].image = 'other' }],
  ['changes an env var of ours', deployment => { deployment.spec.template.spec.containers[0].env[1].value = '1ms' }],
  ['removes an env var of ours', deployment => { deployment.spec.template.spec.containers[0].env.splice(1, 1) }],
  ['removes the security context', deployment => { delete deployment.spec.template.spec.containers[0].securityContext }],
  ['removes our labels', deployment => { for (const name of Object.keys(deployment.metadata.labels)) if (name.startsWith('knative')) delete deployment.metadata.labels[name] }],
  ['changes a label of ours', deployment => { deployment.metadata.labels['knative-eventing-source'] = 'mine' }]
]

/** The parts of a child from the hook, the API server or SinkBinding. */
const essence = ({ metadata: { labels, name }, spec }: any) => ({ labels, name, spec })

for (const [name, edit] of edits) {
  inCluster(t, `a person ${name}: ours is restored`, async (t, cluster) => {
    await applyAndSettle(cluster)
    const before = child(cluster, 'Deployment')
    cluster.person(before, edit)
    t.notSame(essence(child(cluster, 'Deployment')), essence(before))
    const { settled } = await cluster.settle()
    t.ok(settled)
    t.same(withoutOrder(essence(child(cluster, 'Deployment'))), withoutOrder(essence(before)))
    t.equal(child(cluster, 'Deployment').metadata.uid, before.metadata.uid)
    t.equal(condition(stored(cluster)), 'True')
    t.same(await writesInSyncs(cluster, 10), [])
  })
}

inCluster(t, 'a person adds a sidecar, an annotation, a label, an env var: theirs survives, also the next change of the spec', async (t, cluster) => {
  await applyAndSettle(cluster)
  cluster.person(child(cluster, 'Deployment'), deployment => {
    deployment.metadata.annotations = { ...deployment.metadata.annotations, theirs: 'x' }
    deployment.metadata.labels.theirs = 'x'
    deployment.spec.template.spec.containers.push({ name: 'sidecar', image: 'sidecar:1' })
    deployment.spec.template.spec.containers[0].env.push({ name: 'THEIRS', value: 'x' })
  })
  cluster.person(child(cluster, 'SinkBinding'), { metadata: { annotations: { theirs: 'x' }, labels: { theirs: 'x' } } })
  for (const number of [10, 20]) {
    cluster.apply(sampleSource(changed(number)))
    const { settled } = await cluster.settle()
    t.ok(settled)
    const deployment = child(cluster, 'Deployment')
    t.match(deployment.metadata, { annotations: { theirs: 'x' }, labels: { theirs: 'x' } })
    t.same(deployment.spec.template.spec.containers.map(({ name }: { name: string }) => name), ['receive-adapter', 'sidecar'])
    t.ok(deployment.spec.template.spec.containers[0].env.some(({ name }: { name: string }) => name === 'THEIRS'))
    t.match(child(cluster, 'SinkBinding').metadata, { annotations: { theirs: 'x' }, labels: { theirs: 'x' } })
    t.equal(condition(stored(cluster)), 'True')
  }
})

inCluster(t, 'a person changes the SinkBinding: ours is restored', async (t, cluster) => {
  await applyAndSettle(cluster)
  const before = child(cluster, 'SinkBinding')
  cluster.person(before, sinkBinding => {
    sinkBinding.spec.sink.ref.name = 'elsewhere'
    sinkBinding.spec.subject.name = 'elsewhere'
    delete sinkBinding.metadata.labels['knative-eventing-source-name']
  })
  await cluster.settle()
  t.same(essence(child(cluster, 'SinkBinding')), essence(before))
  t.equal(condition(stored(cluster)), 'True')
})

for (const kind of ['Deployment', 'SinkBinding'] as const) {
  inCluster(t, `a person deletes the ${kind}: it is created again`, async (t, cluster) => {
    await applyAndSettle(cluster)
    const { metadata: { uid, name } } = child(cluster, kind)
    cluster.delete(child(cluster, kind))
    await cluster.settle()
    t.equal(child(cluster, kind).metadata.name, name)
    t.not(child(cluster, kind).metadata.uid, uid)
    t.equal(condition(stored(cluster)), 'True')
  })
}

function withoutOrder (value: any): any {
  const copy = structuredClone(value)
  for (const container of copy.spec.template.spec.containers) container.env.sort((a: any, b: any) => a.name < b.name ? -1 : 1)
  return copy
}
