import t from 'tap'
import { ApiServer, type KubeObject } from './api-server.js'
import { Clock } from './clock.js'
import { mergeOrder } from './typed.js'

/*
 * The expected results were seen on kube-apiserver 1.34 after the same writes.
 */

const reference = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', namespace: 'default' } }

function deployment (spec: object = {}, pod: object = {}, container: object = {}, metadata: object = {}) {
  return {
    ...reference,
    metadata: { ...reference.metadata, ...metadata },
    spec: {
      selector: { matchLabels: { app: 'd' } },
      template: { metadata: { labels: { app: 'd' } }, spec: { containers: [{ name: 'c', image: 'x:1', ...container }], ...pod } },
      ...spec
    }
  }
}

function makeApi () {
  return new ApiServer(new Clock())
}

/** The managed fields of a manager. */
function fieldsOf ({ metadata: { managedFields = [] } }: KubeObject, manager: string): any {
  return managedFields.find(entry => entry.manager === manager)?.fieldsV1
}

const containerOf = (object: KubeObject) => object.spec.template.spec.containers[0]

t.test('after an apply, the manager owns the applied fields and no defaults', async t => {
  const stored = makeApi().apply(deployment({}, {}, { env: [{ name: 'A', value: '1' }, { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }), { manager: 'm' })
  t.strictSame(fieldsOf(stored, 'm'), {
    'f:spec': {
      'f:selector': {},
      'f:template': {
        'f:metadata': { 'f:labels': { 'f:app': {} } },
        'f:spec': {
          'f:containers': {
            'k:{"name":"c"}': {
              '.': {},
              'f:env': {
                'k:{"name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} },
                'k:{"name":"B"}': { '.': {}, 'f:name': {}, 'f:valueFrom': { 'f:fieldRef': {} } }
              },
              'f:image': {},
              'f:name': {}
            }
          }
        }
      }
    }
  })
  t.match(stored.metadata.managedFields, [{ manager: 'm', operation: 'Apply', apiVersion: 'apps/v1', fieldsType: 'FieldsV1', time: '2026-01-01T00:00:00Z' }])
  t.equal(stored.spec.replicas, 1)
})

t.test('after a create, the manager owns the defaults too', async t => {
  const stored = makeApi().create(deployment(), { manager: 'm' })
  t.match(stored.metadata.managedFields, [{ operation: 'Update' }])
  t.strictSame(fieldsOf(stored, 'm')['f:spec']['f:strategy'], { 'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} }, 'f:type': {} })
})

t.test('applying the same again changes nothing', async t => {
  const api = makeApi()
  const manifest = deployment({ replicas: 2 }, {}, { resources: { requests: { cpu: '1000m' } }, env: [{ name: 'A', value: '' }, { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] })
  const stored = api.apply(manifest, { manager: 'm' })
  t.equal(api.apply(manifest, { manager: 'm' }), stored)
  t.equal(api.count({ changed: false }), 1)
})

t.test('a field once applied and then left out is removed', async t => {
  const api = makeApi()
  api.apply(deployment({ minReadySeconds: 5 }, { nodeSelector: { a: 'b' } }, { env: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }], args: ['x'] }, { labels: { l: '1', m: '2' } }), { manager: 'm' })
  const stored = api.apply(deployment({}, {}, { env: [{ name: 'B' }] }, { labels: { m: '2' } }), { manager: 'm' })
  t.strictSame(stored.metadata.labels, { m: '2' })
  t.strictSame(containerOf(stored).env, [{ name: 'B' }])
  t.equal(containerOf(stored).args, undefined)
  t.equal(stored.spec.minReadySeconds, undefined)
  t.equal(stored.spec.template.spec.nodeSelector, undefined)
})

t.test('a required field that is left out gets its default again', async t => {
  const api = makeApi()
  api.apply(deployment({ replicas: 3 }), { manager: 'm' })
  t.equal(api.apply(deployment(), { manager: 'm' }).spec.replicas, 1)
})

t.test('a field that another manager applied too stays', async t => {
  const api = makeApi()
  api.apply(deployment({}, {}, {}, { labels: { l: '1' } }), { manager: 'm' })
  api.apply(deployment({}, {}, {}, { labels: { l: '1' } }), { manager: 'other' })
  const stored = api.apply(deployment(), { manager: 'm' })
  t.strictSame(stored.metadata.labels, { l: '1' })
  t.strictSame(fieldsOf(stored, 'm')['f:metadata'], undefined)
})

t.test('additions by others stay: a container, an env var, a label', async t => {
  const api = makeApi()
  const manifest = deployment({}, {}, { env: [{ name: 'A', value: '1' }] }, { labels: { l: '1' } })
  api.apply(manifest, { manager: 'm' })
  api.patch(reference, draft => {
    draft.metadata.labels.theirs = 'x'
    draft.spec.template.spec.containers[0].env.push({ name: 'K_SINK', value: 'http://sink' })
    draft.spec.template.spec.containers.push({ name: 'sidecar', image: 'y:1' })
  }, { manager: 'person' })
  const stored = api.apply(manifest, { manager: 'm', force: true })
  t.strictSame(stored.metadata.labels, { l: '1', theirs: 'x' })
  t.strictSame(containerOf(stored).env, [{ name: 'A', value: '1' }, { name: 'K_SINK', value: 'http://sink' }])
  t.equal(stored.spec.template.spec.containers.length, 2)
  t.equal(fieldsOf(stored, 'person')['f:spec']['f:template']['f:spec']['f:containers']['k:{"name":"c"}']['f:env']['k:{"name":"K_SINK"}']['f:value'] !== undefined, true)
})

t.test('a change takes a field from the manager that applied it, and force takes it back', async t => {
  const api = makeApi()
  const manifest = deployment({ replicas: 1 })
  api.apply(manifest, { manager: 'm' })
  const scaled = api.patch(reference, { spec: { replicas: 3 } }, { manager: 'person' })
  t.strictSame(fieldsOf(scaled, 'person'), { 'f:spec': { 'f:replicas': {} } })
  t.equal(fieldsOf(scaled, 'm')['f:spec']['f:replicas'], undefined)

  t.throws(() => api.apply(manifest, { manager: 'm' }), { code: 409, reason: 'Conflict', message: 'Apply failed with 1 conflict: conflict with "person" using apps/v1: .spec.replicas' })
  t.equal(api.get(reference), scaled)
  api.patch(reference, { metadata: { labels: { l: 'x' } } }, { manager: 'another' })
  api.apply({ ...reference, spec: { minReadySeconds: 3 } }, { manager: 'third' })
  t.throws(() => api.apply(deployment({ replicas: 1, minReadySeconds: 4 }, {}, {}, { labels: { l: 'y' } }), { manager: 'm' }), {
    message: 'Apply failed with 3 conflicts: conflicts with "another" using apps/v1:\n- .metadata.labels.l\nconflicts with "person" using apps/v1:\n- .spec.replicas\nconflicts with "third":\n- .spec.minReadySeconds'
  })

  const forced = api.apply(manifest, { manager: 'm', force: true })
  t.equal(forced.spec.replicas, 1)
  t.equal(fieldsOf(forced, 'person'), undefined, 'a manager without fields is removed')
  t.strictSame(fieldsOf(forced, 'm')['f:spec']['f:replicas'], {})
})

t.test('two managers that apply the same value share it without force', async t => {
  const api = makeApi()
  api.apply(deployment({ replicas: 2 }), { manager: 'm' })
  const stored = api.apply(deployment({ replicas: 2 }), { manager: 'other' })
  t.strictSame(fieldsOf(stored, 'm')['f:spec']['f:replicas'], {})
  t.strictSame(fieldsOf(stored, 'other')['f:spec']['f:replicas'], {})
})

t.test('the writer of a status owns it', async t => {
  const api = makeApi()
  const created = api.apply(deployment(), { manager: 'm' })
  const stored = api.updateStatus({ ...created, metadata: { ...created.metadata, annotations: { revision: '1' } }, status: { replicas: 1 } }, { manager: 'controller' })
  const share = stored.metadata.managedFields?.find(({ manager }) => manager === 'controller')
  t.match(share, { operation: 'Update', subresource: 'status' })
  t.strictSame(share?.fieldsV1, { 'f:metadata': { 'f:annotations': { '.': {}, 'f:revision': {} } }, 'f:status': { 'f:replicas': {} } })
})

t.test('each list is merged by its keys', async t => {
  const api = makeApi()
  const owner = (uid: string, name: string) => ({ apiVersion: 'v1', kind: 'Thing', name, uid })
  const first = deployment(
    {},
    { volumes: [{ name: 'v', emptyDir: {} }], hostAliases: [{ ip: '1.1.1.1', hostnames: ['a'] }] },
    { ports: [{ containerPort: 80 }, { containerPort: 81, protocol: 'UDP' }], volumeMounts: [{ name: 'v', mountPath: '/a' }] },
    { ownerReferences: [owner('1', 'one')], finalizers: ['x/a'] }
  )
  const second = deployment(
    {},
    { volumes: [{ name: 'w', emptyDir: {} }], hostAliases: [{ ip: '2.2.2.2', hostnames: ['b'] }] },
    { ports: [{ containerPort: 80, protocol: 'TCP', name: 'http' }, { containerPort: 81 }], volumeMounts: [{ name: 'w', mountPath: '/b' }] },
    { ownerReferences: [owner('2', 'two')], finalizers: ['x/b'] }
  )
  api.apply(first, { manager: 'm' })
  const stored = api.apply(second, { manager: 'other' })
  const container = containerOf(stored)
  t.strictSame(container.ports, [{ name: 'http', containerPort: 80, protocol: 'TCP' }, { containerPort: 81, protocol: 'UDP' }, { containerPort: 81, protocol: 'TCP' }])
  t.strictSame(container.volumeMounts.map(({ mountPath }: any) => mountPath), ['/a', '/b'])
  t.strictSame(stored.spec.template.spec.volumes.map(({ name }: any) => name), ['v', 'w'])
  t.strictSame(stored.spec.template.spec.hostAliases.map(({ ip }: any) => ip), ['1.1.1.1', '2.2.2.2'])
  t.strictSame(stored.metadata.ownerReferences?.map(({ name }) => name), ['one', 'two'])
  t.strictSame(stored.metadata.finalizers, ['x/a', 'x/b'])
  t.ok('k:{"containerPort":80,"protocol":"TCP"}' in fieldsOf(stored, 'other')['f:spec']['f:template']['f:spec']['f:containers']['k:{"name":"c"}']['f:ports'])
  t.strictSame(fieldsOf(stored, 'other')['f:metadata']['f:finalizers'], { 'v:"x/b"': {} })
  t.strictSame(fieldsOf(stored, 'other')['f:metadata']['f:ownerReferences'], { 'k:{"uid":"2"}': {} })
})

t.test('other lists and maps are replaced as a whole', async t => {
  const api = makeApi()
  api.apply(deployment({}, { nodeSelector: { a: '1' } }, { args: ['x'] }), { manager: 'm' })
  const stored = api.apply(deployment({}, { nodeSelector: { b: '2' } }, { args: ['y'] }), { manager: 'other', force: true })
  t.strictSame(containerOf(stored).args, ['y'])
  t.strictSame(stored.spec.template.spec.nodeSelector, { b: '2' })
})

t.test('a merged list has the order of the apply, with the other items in between', async t => {
  const order = (live: string, applied: string) => mergeOrder([...live], [...applied]).join('')
  t.equal(order('', 'ab'), 'ab')
  t.equal(order('ab', ''), 'ab')
  t.equal(order('abx', 'ab'), 'abx')
  t.equal(order('xab', 'ab'), 'xab')
  t.equal(order('axb', 'ba'), 'xba')
  t.equal(order('ab', 'acb'), 'acb')
  t.equal(order('abc', 'cx'), 'abcx')
})

t.test('an invalid apply is refused', async t => {
  const api = makeApi()
  t.throws(() => api.apply(deployment({ bogus: 1 }), { manager: 'm' }), { message: 'failed to create typed patch object (default/d; apps/v1, Kind=Deployment): .spec.bogus: field not declared in schema' })
  t.throws(() => api.apply(deployment({}, {}, { env: [{ name: 'A', valu: '' }] }), { manager: 'm' }), { message: /\.spec\.template\.spec\.containers\[0\]\.env\[0\]\.valu: field not declared in schema$/ })
  t.throws(() => api.apply(deployment({}, {}, {}, { managedFields: [] }), { manager: 'm' }), { message: 'metadata.managedFields must be nil' })
  const { metadata: { resourceVersion } } = api.apply(deployment(), { manager: 'm' })
  t.throws(() => api.apply(deployment({}, {}, {}, { resourceVersion: `${resourceVersion}0` }), { manager: 'm' }), { code: 409 })
})

t.test('a dry run returns the result and stores nothing', async t => {
  const api = makeApi()
  const stored = api.apply(deployment({ replicas: 1 }), { manager: 'm' })
  const dry = api.apply(deployment({ replicas: 2 }), { manager: 'm', dryRun: true })
  t.equal(dry.spec.replicas, 2)
  t.equal(dry.metadata.generation, 2)
  t.equal(api.get(reference), stored)
  t.equal(api.writes.length, 1)
})
