import t, { type Test } from 'tap'
import * as names from '../../src/samplesource/names.js'
import { Cluster, type ClusterOptions } from '../harness/cluster.js'
import type { KubeObject } from '../harness/api-server.js'
import { buildWith } from '../manifests/harness/kustomize.js'
import { changed } from '../samplesource/source.js'
import { applyAndSettle, changesOf, child, combinationsInTurn, condition, eventDisplay, sampleSource, startHook, stored } from './desk.js'

/* The component `events`: reconciler events as Kubernetes Events, which come to rest. */

const invalid = { resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } } }

/** The CompositeController of the base with the component. */
const controllerSpec: any = (await buildWith(t, ['events'])).find(({ kind }) => kind === 'CompositeController')?.spec

function inClusterWithEvents (name: string, test: (t: Test, cluster: Cluster) => Promise<void>, options: Partial<ClusterOptions> = {}): void {
  for (const combination of combinationsInTurn()) {
    t.test(`${name} (${combination.hookVersion}, ${combination.applyStrategy})`, async t => {
      const { url } = await startHook(t)
      const controller: ClusterOptions['controller'] = controller => { controller.spec.childResources = controllerSpec.childResources }
      await test(t, new Cluster({ hookUrl: url, ...combination, controller, ...options }))
    })
  }
}

const eventsOf = (cluster: Cluster): KubeObject[] => cluster.api.list('v1', 'Event')

/** The Events in the order of their creation. */
const told = (cluster: Cluster): string[] => eventsOf(cluster)
  .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
  .map(event => `${event['type']} ${event['reason']}`)

/** Metacontroller's writes of children, without new Events. */
const otherChanges = (cluster: Cluster): string[] => changesOf(cluster).filter(change => !change.includes('status') && change !== 'create Event')

/** Deletes all Events, as the API server does after an hour. */
function expire (cluster: Cluster): void {
  for (const event of eventsOf(cluster)) cluster.api.delete(event, { manager: 'kube-apiserver' })
}

/** Checks that nothing is written any more, with or without Events. */
async function atRest (t: Test, cluster: Cluster): Promise<void> {
  for (const what of ['with Events', 'when they expire']) {
    cluster.api.resetWrites()
    if (what !== 'with Events') expire(cluster)
    await cluster.settle()
    await cluster.resync(stored(cluster), 20)
    t.same(cluster.api.writes.filter(({ manager }) => manager === 'metacontroller'), [], `no write ${what}`)
  }
  t.same(eventsOf(cluster), [], 'and none is created again')
}

inClusterWithEvents('a new source', async (t, cluster) => {
  await applyAndSettle(cluster)
  t.same(told(cluster), ['Normal DeploymentCreated', 'Normal SinkBindingCreated', 'Normal DeploymentUpdated', `Normal ${names.kind}Reconciled`], 'and updated when its sink is there')
  const { metadata: { uid } } = stored(cluster)
  const [first] = eventsOf(cluster)
  t.match(first, {
    metadata: { name: /^heartbeat\.[0-9a-f]{16}$/, namespace: 'demo', labels: { 'controller-uid': uid }, ownerReferences: [{ kind: names.kind, uid, controller: true }] },
    involvedObject: { apiVersion: names.apiVersion, kind: names.kind, namespace: 'demo', name: 'heartbeat', uid },
    type: 'Normal',
    reason: 'DeploymentCreated',
    message: `created deployment: "demo/${child(cluster, 'Deployment').metadata.name}"`,
    source: { component: names.controllerAgentName },
    reportingComponent: names.controllerAgentName,
    firstTimestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
    count: 1
  })
  t.equal(first?.['lastTimestamp'], first?.['firstTimestamp'])
  t.same(otherChanges(cluster), ['create Deployment', 'create SinkBinding', 'update Deployment'])
  await atRest(t, cluster)
})

inClusterWithEvents('a changed spec, drift, and a deleted child are reported each time', async (t, cluster) => {
  await applyAndSettle(cluster)
  expire(cluster)
  cluster.apply(sampleSource(changed(20)))
  await cluster.settle()
  t.same(told(cluster), ['Normal DeploymentUpdated', `Normal ${names.kind}Reconciled`])
  for (let times = 1; times <= 2; times++) {
    expire(cluster)
    await cluster.advance(10)
    cluster.person(child(cluster, 'Deployment'), deployment => { deployment.spec.template.spec.containers[0].image = 'other' })
    await cluster.settle()
    t.same(told(cluster), ['Normal DeploymentUpdated', `Normal ${names.kind}Reconciled`], `drift, time ${times}`)
  }
  for (let times = 1; times <= 2; times++) {
    // Two equal events within a second of the hook's clock are one.
    expire(cluster)
    await cluster.advance(10)
    cluster.delete(child(cluster, 'SinkBinding'))
    await cluster.settle()
    t.equal(told(cluster).filter(event => event === 'Normal SinkBindingCreated').length, 1, `deleted, time ${times}`)
  }
  await atRest(t, cluster)
})

inClusterWithEvents('each different mistake in a spec is a Warning', async (t, cluster) => {
  cluster.apply(eventDisplay)
  cluster.apply(sampleSource(invalid))
  await cluster.settle()
  t.same(told(cluster), ['Warning InvalidSpec'])
  t.match(eventsOf(cluster)[0], { message: 'spec.resources.requests.memory: expected at most the limit of 1Gi, got 2Gi' })
  cluster.apply(sampleSource({ ...invalid, serviceAccountName: 'sender' }))
  await cluster.settle()
  t.same(told(cluster), ['Warning InvalidSpec'], 'the same mistake is reported once')
  cluster.apply(sampleSource({ resources: { requests: { memory: '3Gi' }, limits: { memory: '1Gi' } } }))
  await cluster.settle()
  t.same(told(cluster), ['Warning InvalidSpec', 'Warning InvalidSpec'])
  cluster.apply(sampleSource())
  await cluster.settle()
  t.same(told(cluster).slice(2), ['Normal DeploymentCreated', 'Normal SinkBindingCreated', 'Normal DeploymentUpdated', `Normal ${names.kind}Reconciled`])
  await cluster.advance(10)
  cluster.apply(sampleSource(invalid))
  await cluster.settle()
  t.equal(told(cluster).filter(event => event === 'Warning InvalidSpec').length, 3, 'a new generation is a new occurrence')
  t.same(otherChanges(cluster), ['create Deployment', 'create SinkBinding', 'update Deployment'])
  await atRest(t, cluster)
})

inClusterWithEvents('failing children are Warnings, and starting ones are not', async (t, cluster) => {
  cluster.apply(sampleSource())
  cluster.deployments.startupSeconds = 5
  await cluster.settle()
  t.same(told(cluster), ['Normal DeploymentCreated', 'Normal SinkBindingCreated', 'Warning SinkBindingFailed'])
  t.match(eventsOf(cluster).find(event => event['reason'] === 'SinkBindingFailed'), { message: /^SinkBinding failed: "demo\/.*": NoAddressable: / })
  await cluster.advance(60)
  await cluster.settle()
  cluster.apply(eventDisplay)
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'True')
  t.same(told(cluster).slice(3), ['Normal DeploymentUpdated', `Normal ${names.kind}Reconciled`])

  expire(cluster)
  cluster.deployments.be('unready')
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'False MinimumReplicasUnavailable')
  t.same(told(cluster), ['Warning DeploymentFailed'])
  await atRest(t, cluster)

  cluster.deployments.be('refused')
  cluster.apply(sampleSource(changed(20)))
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'False FailedCreate')
  t.ok(told(cluster).includes('Warning DeploymentFailed'))
  await atRest(t, cluster)
})

inClusterWithEvents('a sync that is repeated because its status was not written creates no second Event', async (t, cluster) => {
  await applyAndSettle(cluster)
  expire(cluster)
  const { status } = stored(cluster)
  cluster.delete(child(cluster, 'Deployment'))
  await cluster.resync(stored(cluster))
  t.same(told(cluster), ['Normal DeploymentCreated'])
  for (let times = 0; times < 3; times++) {
    cluster.api.updateStatus({ ...stored(cluster), status }, { manager: 'test' })
    cluster.delete(child(cluster, 'Deployment'))
    await cluster.resync(stored(cluster))
  }
  t.same(told(cluster), ['Normal DeploymentCreated'])
})

inClusterWithEvents('Events that cannot be created do not block a sync', async (t, cluster) => {
  cluster.api.admit('v1', 'Event', () => { throw new Error('exceeded quota') })
  await applyAndSettle(cluster)
  t.equal(condition(stored(cluster)), 'True')
  t.same(otherChanges(cluster), ['create Deployment', 'create SinkBinding', 'update Deployment'])
})

inClusterWithEvents('they outlast the source, as all Events do', async (t, cluster) => {
  await applyAndSettle(cluster)
  cluster.api.resetWrites()
  cluster.delete(stored(cluster))
  for (const what of ['deleted', 'expired', 'made again']) {
    if (what === 'expired') expire(cluster)
    if (what === 'made again') cluster.apply(sampleSource())
    const { settled } = await cluster.settle()
    t.ok(settled, what)
    t.equal(eventsOf(cluster).length, what === 'expired' ? 0 : 4, what)
    if (what !== 'made again') t.same(changesOf(cluster).filter(change => change.startsWith('create')), [], what)
  }
})

t.test('without the component there are none', async t => {
  const { url } = await startHook(t)
  const cluster = new Cluster({ hookUrl: url })
  await applyAndSettle(cluster)
  t.same(eventsOf(cluster), [])
})
