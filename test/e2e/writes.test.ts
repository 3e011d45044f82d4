import t, { type Test } from 'tap'
import * as names from '../../src/samplesource/names.js'
import { Kubectl } from './kubectl.js'
import { labelsOf } from './sources.js'
import { stubCommands } from './stub.js'
import { countWrites, takeSnapshot, type Writes } from './writes.js'

/* Which events of a watch count as a write of Metacontroller. */

const source = (name: string, status?: object, spec = {}) => ({ kind: names.kind, metadata: { name }, spec, status })

/** A child of the source `own`, or of another. */
const child = (kind: string, { owner = 'own', applied = '', fields = '', status = {} } = {}) => ({
  kind,
  metadata: {
    name: `${owner}-child`,
    labels: { ...labelsOf(owner), other: 'x' },
    annotations: applied === '' ? {} : { 'metacontroller.k8s.io/last-applied-configuration': applied },
    managedFields: [
      { manager: 'metacontroller', operation: 'Apply', fieldsV1: { [`f:${fields}`]: {} } },
      { manager: 'kube-controller-manager', subresource: 'status', time: JSON.stringify(status) }
    ]
  },
  status
})

/** An object as in a list: without its kind. */
const listed = ({ kind, ...object }: { kind: string }) => object

/** Counts the writes in the events of the watches. */
async function count (t: Test, before: { sources?: object[], deployments?: object[] }, events: Array<[type: string, object: { kind: string }]>): Promise<Writes> {
  const list = (items: object[]) => ({ metadata: { resourceVersion: '7' }, items })
  const watched = (...kinds: string[]) => events.filter(([, { kind }]) => kinds.includes(kind)).map(([type, object]) => `${JSON.stringify({ type, object })}\n`).join('')
  const watch = '?watch=1&resourceVersion=7&timeoutSeconds=1'
  stubCommands(t, {
    kubectl: [
      { args: `get --raw /apis/${names.apiVersion}/namespaces/demo/${names.plural}${watch}`, stdout: watched(names.kind, 'Status') },
      { args: `get --raw /apis/${names.apiVersion}/namespaces/demo/${names.plural}`, stdout: list(before.sources ?? []) },
      { args: `get --raw /apis/sources.knative.dev/v1/namespaces/demo/sinkbindings${watch}`, stdout: watched('SinkBinding') },
      { args: `get --raw /apis/apps/v1/namespaces/demo/deployments${watch}`, stdout: watched('Deployment') },
      { args: 'get --raw /apis/apps/v1/namespaces/demo/deployments', stdout: list(before.deployments ?? []) },
      { args: `get --raw /api/v1/namespaces/demo/pods${watch}`, stdout: watched('Pod') },
      { args: 'get --raw *', stdout: list([]) }
    ]
  })
  const kubectl = new Kubectl()
  return await countWrites(kubectl, await takeSnapshot(kubectl, 'demo'), 'own')
}

const none = { status: 0, created: 0, updated: 0, pods: 0 }

t.test('a status counts when it differs from the one before', async t => {
  t.same(await count(t, { sources: [listed(source('own', { a: 1 }))] }, [
    ['MODIFIED', source('own', { a: 1 }, { interval: '20s' })],
    ['MODIFIED', source('own', { a: 2 })],
    ['MODIFIED', source('own', { a: 2 })],
    ['MODIFIED', source('own', { a: 1 })],
    ['MODIFIED', source('other', { a: 3 })]
  ]), { ...none, status: 2 })
})

t.test('children and pods count when they are created', async t => {
  t.same(await count(t, {}, [
    ['ADDED', source('own')],
    ['ADDED', child('Deployment')],
    ['ADDED', child('SinkBinding')],
    ['ADDED', child('Pod')],
    ['ADDED', child('Pod', { owner: 'other' })],
    ['DELETED', child('Pod')]
  ]), { ...none, created: 2, pods: 1 })
})

t.test('an update of a child counts if Metacontroller wrote it', async t => {
  t.same(await count(t, { deployments: [listed(child('Deployment', { applied: 'a' }))] }, [
    ['MODIFIED', child('Deployment', { applied: 'a', status: { replicas: 1 } })],
    ['MODIFIED', child('Deployment', { applied: 'b', status: { replicas: 1 } })],
    ['MODIFIED', child('Deployment', { applied: 'b', fields: 'spec', status: { replicas: 1 } })],
    ['MODIFIED', child('Deployment', { owner: 'other', applied: 'b' })]
  ]), { ...none, updated: 2 })
})

t.test('events that the API server no longer has are reported, not left out', async t => {
  const gone = { kind: 'Status', code: 410, message: 'too old resource version' }
  t.match(await count(t, {}, [['ERROR', gone]]).catch((error: unknown) => error), { seen: /too old resource version/ })
})
