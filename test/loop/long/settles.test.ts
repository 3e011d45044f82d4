import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import * as names from '../../../src/samplesource/names.js'
import { Cluster } from '../../harness/cluster.js'
import { changed } from '../../samplesource/source.js'
import { runs } from '../../soak.js'
import { combinations, condition, eventDisplay, sampleSource, startHook, system } from '../desk.js'

/*
 * After any mix of events, the loop settles within a bounded number of syncs into the one state that the spec
 * defines, and no child of a valid source is deleted and created again.
 */

/** Events in the cluster. The person does not delete children, because these would have to be created again. */
type Happening = (cluster: Cluster) => void

const ifThere = (kind: string, edit: (object: any) => void): Happening => cluster => {
  for (const source of cluster.api.list(names.apiVersion, names.kind)) {
    for (const child of cluster.children(source, kind)) if (child.metadata.deletionTimestamp === undefined) cluster.person(child, edit)
  }
}

const configure = (cluster: Cluster, data: object): void => {
  cluster.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: system.loggingConfigMap, namespace: system.namespace }, data })
}

const happenings: Record<string, Happening> = {
  'logging debug': cluster => configure(cluster, { [`loglevel.${names.component}`]: 'debug' }),
  'logging info, klog': cluster => configure(cluster, { [`loglevel.${names.component}`]: 'info', 'klog-verbosity': '3' }),
  'logging malformed': cluster => configure(cluster, { [`loglevel.${names.component}`]: 'loud' }),
  'Events expire': cluster => { for (const event of cluster.api.list('v1', 'Event')) cluster.api.delete(event, { manager: 'kube-apiserver' }) },
  'another env': cluster => cluster.apply(sampleSource(changed(20))),
  'another env, resources': cluster => cluster.apply(sampleSource({ ...changed(30), resources: { limits: { cpu: '1000m' } } })),
  'extensions, account': cluster => cluster.apply(sampleSource({ ceOverrides: { extensions: { a: 'b' } }, serviceAccountName: 'sender' })),
  'another sink': cluster => cluster.apply(sampleSource({ sink: { uri: 'http://other' } })),
  'an invalid spec': cluster => cluster.apply(sampleSource({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } })),
  'the sink comes': cluster => cluster.apply(eventDisplay),
  'the sink goes': cluster => { if (cluster.api.find(eventDisplay) !== undefined) cluster.delete(eventDisplay) },
  'the sink moves': cluster => cluster.sinkBindings.setAddress(eventDisplay, { url: 'http://moved' }),
  'Deployments fail': cluster => cluster.deployments.be('failing'),
  'pods are refused': cluster => cluster.deployments.be('refused'),
  'Deployments lag': cluster => cluster.deployments.be('lagging'),
  'Deployments work': cluster => cluster.deployments.be('working'),
  'SinkBindings lag': cluster => cluster.sinkBindings.be('lagging'),
  'SinkBindings fail': cluster => cluster.sinkBindings.be('failing'),
  'SinkBindings work': cluster => cluster.sinkBindings.be('working'),
  'a person scales': ifThere('Deployment', deployment => { deployment.spec.replicas = 2 }),
  'a person edits an env var': ifThere('Deployment', deployment => { deployment.spec.template.spec.containers[0].env[0].value = 'mine' }),
  'a person edits a label': ifThere('Deployment', deployment => { deployment.metadata.labels['knative-eventing-source'] = 'mine' }),
  'a person edits the SinkBinding': ifThere('SinkBinding', sinkBinding => { sinkBinding.spec.subject.name = 'mine' })
}

/** The end of every story: everything works, with this spec. */
const final = { ...changed(40), ceOverrides: { extensions: { final: 'x' } }, resources: { limits: { memory: '1Gi' } } }

/** The state of the fixed point, without fields that depend on the way to it. */
function fixedPoint (cluster: Cluster) {
  const source = cluster.parent('heartbeat', 'demo')
  const children = source === undefined ? [] : cluster.children(source).filter(({ kind }) => kind !== 'Event')
  return {
    ready: condition(source),
    status: { ...source?.status, observedGeneration: 0, conditions: source?.status.conditions.map(({ type, status, reason }: any) => ({ type, status, reason })) },
    isLatest: source?.status.observedGeneration === source?.metadata.generation,
    children: children.sort((a, b) => a.kind < b.kind ? -1 : 1).map(({ kind, spec, metadata: { labels, finalizers } }) => ({ kind, labels: without(labels, 'controller-uid'), finalizers, spec: comparable(spec) }))
  }
}

const without = (labels: any, name: string) => Object.fromEntries(Object.entries(labels).filter(([key]) => key !== name))

/** A spec without names that contain the source's uid, and with sorted env vars. */
function comparable (spec: any): any {
  const copy = structuredClone(spec)
  if (copy.subject !== undefined) delete copy.subject.name
  for (const container of copy.template?.spec.containers ?? []) container.env.sort((a: any, b: any) => a.name < b.name ? -1 : 1)
  return copy
}

async function finish (cluster: Cluster) {
  for (const name of ['the sink comes', 'Deployments work', 'SinkBindings work']) happenings[name]?.(cluster)
  cluster.sinkBindings.setAddress(eventDisplay, undefined)
  configure(cluster, { [`loglevel.${names.component}`]: 'warn' })
  cluster.apply(sampleSource(final))
  return await cluster.settle({ maxSyncs: 60, patience: 900 })
}

for (const combination of combinations) {
  t.test(`the loop settles (${combination.hookVersion}, ${combination.applyStrategy})`, async t => {
    const { url } = await startHook(t, { system })
    const makeCluster = () => new Cluster({ hookUrl: url, ...combination, controller: ({ spec }) => { spec.childResources?.push({ apiVersion: 'v1', resource: 'events' }) } })
    const undisturbed = makeCluster()
    await finish(undisturbed)
    const expected = fixedPoint(undisturbed)
    t.equal(expected.ready, 'True')

    const story = fc.array(fc.record({ name: fc.constantFrom(...Object.keys(happenings)), steps: fc.nat({ max: 6 }) }), { maxLength: 10 })
    await fc.assert(fc.asyncProperty(story, fc.infiniteStream(fc.nat({ max: 3 })), async (story, order) => {
      const cluster = makeCluster()
      const deleted: string[] = []
      cluster.onStep(step => {
        if (step.type === 'write' && step.write.verb === 'delete' && step.write.manager === 'metacontroller') deleted.push(step.write.kind)
      })
      cluster.apply(sampleSource())
      for (const { name, steps } of story) {
        happenings[name]?.(cluster)
        await cluster.settle({ maxSyncs: steps, patience: 0, pick: () => order.next().value })
      }
      const { settled, syncs } = await finish(cluster)
      const found = fixedPoint(cluster)
      if (deleted.length > 0) throw new Error(`deleted: ${deleted.join(', ')}`)
      if (!settled) throw new Error(`not settled after ${syncs} syncs`)
      if (!isDeepStrictEqual(found, expected)) throw new Error(`expected ${JSON.stringify(expected)}\nfound    ${JSON.stringify(found)}`)
      cluster.api.resetWrites()
      await cluster.resync({ ...cluster.parentKind, metadata: { name: 'heartbeat', namespace: 'demo' } }, 3)
      if (cluster.api.writes.length > 0) throw new Error(`writes at rest: ${JSON.stringify(cluster.api.writes.map(({ verb, kind }) => [verb, kind]))}`)
    }), { numRuns: runs(40) })
  })
}
