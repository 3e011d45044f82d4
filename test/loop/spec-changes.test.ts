import t from 'tap'
import { changed } from '../samplesource/source.js'
import { applyAndSettle, changesOf, child, condition, inCluster, sampleSource, stored } from './desk.js'

const before = {
  ...changed(10),
  serviceAccountName: 'default',
  ceOverrides: { extensions: { team: 'a' } },
  resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '64Mi' } }
}

/** A change of each field of the spec, and the children that it concerns. */
const changes: Array<[name: string, spec: object, concerned: string[]]> = [
  ['what the env has', changed(30), ['Deployment']],
  ['serviceAccountName', { serviceAccountName: 'sender' }, ['Deployment']],
  ['resources.requests', { resources: { requests: { cpu: '20m', memory: '32Mi' }, limits: { memory: '64Mi' } } }, ['Deployment']],
  ['resources.limits', { resources: { requests: { cpu: '10m', memory: '32Mi' }, limits: { memory: '128Mi' } } }, ['Deployment']],
  ['resources, gone', { resources: undefined }, ['Deployment']],
  ['resources, an amount written otherwise', { resources: { requests: { cpu: '0.010', memory: '32768Ki' }, limits: { memory: '65536Ki' } } }, []],
  ['sink.ref', { sink: { ref: { apiVersion: 'v1', kind: 'Service', name: 'other' } } }, ['SinkBinding']],
  ['sink.uri', { sink: { uri: 'https://example.com/events' } }, ['SinkBinding']],
  ['sink.uri with the ref', { sink: { ref: { apiVersion: 'v1', kind: 'Service', name: 'event-display' }, uri: '/path' } }, ['SinkBinding']],
  ['sink.audience', { sink: { ref: { apiVersion: 'v1', kind: 'Service', name: 'event-display' }, audience: 'a' } }, ['SinkBinding']],
  ['sink.ref.namespace, the same', { sink: { ref: { apiVersion: 'v1', kind: 'Service', name: 'event-display', namespace: 'demo' } } }, []],
  ['ceOverrides', { ceOverrides: { extensions: { team: 'b' } } }, ['SinkBinding']],
  ['ceOverrides, gone', { ceOverrides: undefined }, ['SinkBinding']]
]

for (const [name, change, concerned] of changes) {
  inCluster(t, `a change of ${name} is one update of ${concerned.join(' and ') || 'nothing'}`, async (t, cluster) => {
    cluster.apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'other', namespace: 'demo' } })
    await applyAndSettle(cluster, sampleSource(before))
    t.equal(condition(stored(cluster)), 'True')

    const lies: string[] = []
    let leftTrue = false
    cluster.onStep(step => {
      const source = stored(cluster)
      if (source.status.observedGeneration !== source.metadata.generation) return
      if (condition(source) !== 'True') leftTrue = true
      else if (concerned.length > 0 && concerned.some(kind => child(cluster, kind as 'Deployment').metadata.generation === 2 - Number(kind === 'SinkBinding'))) lies.push(step.type)
    })
    cluster.api.resetWrites()
    cluster.apply(sampleSource({ ...before, ...change }))
    const { settled } = await cluster.settle()
    t.ok(settled)
    t.equal(stored(cluster).metadata.generation, name.includes('sink.ref.namespace') || concerned.length > 0 || name.includes('otherwise') ? 2 : 1)
    t.same(changesOf(cluster).filter(change => !change.includes('status')), concerned.map(kind => `update ${kind}`))
    t.equal(condition(stored(cluster)), 'True')
    t.equal(leftTrue, concerned.length > 0, 'Ready is not True while a child is updated')
    t.same(lies, [], 'Ready is never True before the children of this generation are there')
  })
}
