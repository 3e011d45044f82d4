import t from 'tap'
import { parse } from 'yaml'
import { ApiServer, type WatchEvent } from './api-server.js'
import { Clock } from './clock.js'
import { resourceOf } from './crd.js'
import { sinkBindings } from './sink-binding-kind.js'
import { crd } from '../widget/widget.js'

function makeApi () {
  const clock = new Clock()
  const api = new ApiServer(clock)
  api.define(resourceOf(crd))
  api.define(sinkBindings)
  return { api, clock }
}

const by = { manager: 'm' }
const reference = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', namespace: 'default' } }
const deployment = {
  ...reference,
  spec: {
    selector: { matchLabels: { app: 'd' } },
    template: { metadata: { labels: { app: 'd' } }, spec: { containers: [{ name: 'c', image: 'x:1' }] } }
  }
}
const source = (spec: object) => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 's', namespace: 'default' }, spec })
const sink = { uri: 'http://sink.example' }

t.test('a cluster-scoped object loses the namespace that it was sent with', async t => {
  const role = (name: string) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name, namespace: 'default' }, rules: [] })
  const { api } = makeApi()
  t.notOk('namespace' in api.create(role('a'), by).metadata)
  const applied = api.apply(role('b'), by)
  t.notOk('namespace' in applied.metadata)
  t.equal(api.apply(role('b'), by), applied)
})

t.test('an object with generateName and no name gets one', async t => {
  const { api } = makeApi()
  const make = (generateName: string, name = '') => api.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, generateName } }, by).metadata.name
  t.strictSame([make('a-'), make('a-'), make('a-', 'b')], ['a-bbbbb', 'a-bbbbc', 'b'])
  t.equal(make('x'.repeat(100)).length, 63)
  t.match(api.writes.map(({ name }) => name), ['a-bbbbb', 'a-bbbbc', 'b', String])
  t.throws(() => make(''), { message: /name or generateName is required/ })
  t.throws(() => make('A-'), { message: /metadata\.name: Invalid value: "A-/ })
  t.throws(() => make(5 as unknown as string), { message: /cannot unmarshal number into Go struct field metadata\.generateName/ })
})

t.test('a Deployment is stored with defaults and canonical quantities, and without empty values', async t => {
  const { api } = makeApi()
  const stored = api.create({
    ...deployment,
    metadata: { ...deployment.metadata, labels: {}, annotations: { a: '' } },
    spec: {
      ...deployment.spec,
      minReadySeconds: 0,
      paused: false,
      bogus: 1,
      template: {
        metadata: { labels: { app: 'd' }, annotations: {} },
        spec: {
          serviceAccountName: 'sa',
          nodeSelector: {},
          hostNetwork: false,
          volumes: [{ name: 'e' }, { name: 'c', configMap: { name: 'cm' } }, { name: 'p', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }],
          containers: [{
            name: 'c',
            image: 'x:1',
            args: [],
            command: null,
            env: [{ name: 'A', value: '' }, { name: 'B', value: '1', bogus: true }, { name: 'N', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
            resources: { requests: { cpu: '1000m', memory: '1024Mi' }, limits: { cpu: 2 } },
            ports: [{ containerPort: 80 }],
            securityContext: { capabilities: { add: [], drop: ['ALL'] }, allowPrivilegeEscalation: false },
            readinessProbe: { httpGet: { port: 80 }, initialDelaySeconds: 0 }
          }]
        }
      }
    }
  }, by)
  const { managedFields, ...metadata } = stored.metadata
  t.strictSame({ ...stored, metadata }, parse(`
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: d
      namespace: default
      uid: 00000000-0000-4000-8000-000000000001
      resourceVersion: "1"
      generation: 1
      creationTimestamp: 2026-01-01T00:00:00Z
      annotations: { a: "" }
    spec:
      replicas: 1
      revisionHistoryLimit: 10
      progressDeadlineSeconds: 600
      selector: { matchLabels: { app: d } }
      strategy: { type: RollingUpdate, rollingUpdate: { maxSurge: 25%, maxUnavailable: 25% } }
      template:
        metadata: { labels: { app: d } }
        spec:
          restartPolicy: Always
          dnsPolicy: ClusterFirst
          schedulerName: default-scheduler
          terminationGracePeriodSeconds: 30
          securityContext: {}
          serviceAccountName: sa
          serviceAccount: sa
          volumes:
            - { name: e, emptyDir: {} }
            - { name: c, configMap: { name: cm, defaultMode: 420 } }
            - { name: p, projected: { defaultMode: 420, sources: [{ serviceAccountToken: { path: t, expirationSeconds: 3600 } }] } }
          containers:
            - name: c
              image: x:1
              imagePullPolicy: IfNotPresent
              terminationMessagePath: /dev/termination-log
              terminationMessagePolicy: File
              env:
                - { name: A }
                - { name: B, value: "1" }
                - { name: N, valueFrom: { fieldRef: { apiVersion: v1, fieldPath: metadata.name } } }
              resources: { requests: { cpu: "1", memory: 1Gi }, limits: { cpu: "2" } }
              ports: [{ containerPort: 80, protocol: TCP }]
              securityContext: { capabilities: { drop: [ALL] }, allowPrivilegeEscalation: false }
              readinessProbe:
                { httpGet: { port: 80, path: /, scheme: HTTP }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }
    status: {}
  `, { schema: 'core' }))
})

t.test('the default pull policy depends on the image\'s tag', async t => {
  const { api } = makeApi()
  const policyOf = (image: string) => api.create({
    ...deployment,
    metadata: { name: image.replaceAll(/[^a-z]/g, ''), namespace: 'default' },
    spec: { ...deployment.spec, template: { ...deployment.spec.template, spec: { containers: [{ name: 'c', image }] } } }
  }, by).spec.template.spec.containers[0].imagePullPolicy
  t.equal(policyOf('a'), 'Always')
  t.equal(policyOf('b:latest'), 'Always')
  t.equal(policyOf('c:1'), 'IfNotPresent')
  t.equal(policyOf('registry:5000/d'), 'Always')
  t.equal(policyOf('e@sha256:0'), 'IfNotPresent')
})

t.test('an invalid Deployment is refused', async t => {
  const { api } = makeApi()
  const refused = (spec: object, message: string | RegExp) => t.throws(() => api.create({ ...deployment, spec }, by), { message })
  refused({ ...deployment.spec, selector: { matchLabels: { app: 'e' } } }, 'Deployment.apps "d" is invalid: spec.template.metadata.labels: Invalid value: {"app":"d"}: `selector` does not match template `labels`')
  refused({ ...deployment.spec, template: { metadata: { labels: { app: 'd' } } } }, /spec\.template\.spec\.containers: Required value/)
  refused({ ...deployment.spec, replicas: '1' }, /cannot unmarshal string into Go struct field spec\.replicas of type int/)
  refused({ ...deployment.spec, template: { metadata: { labels: { app: 'd' } }, spec: { containers: [{ env: [{ value: '1' }], resources: { requests: { cpu: '2' }, limits: { cpu: '1000m' } } }] } } },
    'Deployment.apps "d" is invalid: [spec.template.spec.containers[0].name: Required value, spec.template.spec.containers[0].image: Required value, spec.template.spec.containers[0].env[0].name: Required value, spec.template.spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1]')
  const template = (spec: object, metadata: object = { labels: { app: 'd' } }) => ({ ...deployment.spec, template: { metadata, spec: { containers: [{ name: 'a', image: 'a' }], ...spec } } })
  const container = (fields: object) => template({ containers: [{ name: 'a', image: 'a', ...fields }] })
  refused({ ...deployment.spec, replicas: -1 }, /spec\.replicas: Invalid value: -1/)
  refused(template({}, { labels: { app: 'd', a: 'x y' }, annotations: { 'a b': '' } }), /spec\.template\.metadata\.labels: Invalid value: "x y": .*spec\.template\.metadata\.annotations: Invalid value: "a b"/)
  refused(template({ restartPolicy: 'Never' }), /spec\.template\.spec\.restartPolicy: Unsupported value: "Never"/)
  refused(template({ containers: [{ name: 'a', image: 'a' }, { name: 'a', image: 'b' }] }), /spec\.template\.spec\.containers\[1\]\.name: Duplicate value: "a"/)
  refused(template({ volumes: [{ name: 'v' }, { name: 'v' }] }), /spec\.template\.spec\.volumes\[1\]\.name: Duplicate value: "v"/)
  refused(container({ name: 'Bad_Name' }), /spec\.template\.spec\.containers\[0\]\.name: Invalid value: "Bad_Name"/)
  refused(container({ imagePullPolicy: 'Sometimes' }), /\.imagePullPolicy: Unsupported value: "Sometimes"/)
  refused(container({ ports: [{ containerPort: 99_999 }] }), /\.ports\[0\]\.containerPort: Invalid value: 99999/)
  refused(container({ volumeMounts: [{ name: 'w', mountPath: '/w' }] }), /\.volumeMounts\[0\]\.name: Not found: "w"/)
  api.create(deployment, by)
  t.throws(() => api.patch(reference, { spec: { selector: { matchLabels: { other: 'x' } }, template: { metadata: { labels: { other: 'x' } } } } }, by), { message: /spec\.selector: Invalid value: .*: field is immutable$/ })
})

t.test('resourceVersion rises only with a real change, generation only with a change of the spec', async t => {
  const { api } = makeApi()
  const first = api.create(deployment, by)
  t.equal(api.update(first, by), first)
  t.equal(api.patch(reference, { spec: { template: { spec: { nodeSelector: {} } } } }, by), first, 'a dropped field is not a change')
  t.match([first.metadata.resourceVersion, first.metadata.generation], ['1', 1])

  const scaled = api.patch(reference, { spec: { replicas: 2 } }, by)
  t.match([scaled.metadata.resourceVersion, scaled.metadata.generation], ['2', 2])
  const labelled = api.patch(reference, { metadata: { labels: { a: 'b' } } }, by)
  t.match([labelled.metadata.resourceVersion, labelled.metadata.generation], ['3', 2])
  const annotated = api.patch(reference, { metadata: { annotations: { a: 'b' } } }, by)
  t.match([annotated.metadata.resourceVersion, annotated.metadata.generation], ['4', 3], 'or, for a Deployment, of an annotation')
  const status = api.updateStatus({ ...annotated, metadata: { ...annotated.metadata, annotations: { a: 'c' } }, status: { replicas: 2 } }, by)
  t.match([status.metadata.resourceVersion, status.metadata.generation], ['5', 3], 'unless it is part of a status write')
  t.equal(status.metadata.annotations?.['a'], 'c')

  api.create(source({ sink }), by)
  const sourceReference = source({})
  t.equal(api.patch(sourceReference, { metadata: { annotations: { a: 'b' } } }, by).metadata.generation, 1)
  t.equal(api.patch(sourceReference, { spec: { interval: '5s' } }, by).metadata.generation, 2)
})

t.test('only the subresource writes the status, and it writes nothing else', async t => {
  const { api } = makeApi()
  const created = api.create({ ...source({ sink }), status: { observedGeneration: 7 } }, by)
  t.equal(created.status, undefined)
  t.equal(api.patch(created, { status: { observedGeneration: 7 } }, by), created)
  const stored = api.updateStatus({ ...created, metadata: { ...created.metadata, labels: { a: 'b' } }, spec: { sink: { uri: 'http://other.example' } }, status: { observedGeneration: 1, bogus: true } }, by)
  t.strictSame(stored.status, { observedGeneration: 1 })
  t.strictSame(stored.spec, created.spec)
  t.equal(stored.metadata.labels, undefined)
  t.equal(stored.metadata.generation, 1)
  api.definePlain('v1', 'Thing')
  const thing = api.create({ apiVersion: 'v1', kind: 'Thing', metadata: { name: 't' } }, by)
  t.throws(() => api.updateStatus(thing, by), { code: 404 })
})

t.test('an update based on an older version is refused', async t => {
  const { api } = makeApi()
  const first = api.create(deployment, by)
  api.patch(reference, { spec: { replicas: 2 } }, by)
  t.throws(() => api.update(first, by), { code: 409, reason: 'Conflict', message: 'Operation cannot be fulfilled on deployments.apps "d": the object has been modified; please apply your changes to the latest version and try again' })
  t.throws(() => api.updateStatus(first, by), { code: 409 })
  t.throws(() => api.update({ ...deployment, metadata: { ...deployment.metadata, uid: 'other' } }, by), { reason: 'Conflict', message: /UID in precondition: other/ })
  t.equal(api.update(deployment, by).spec.replicas, 1, 'a Deployment without a version replaces any')
  const { metadata: { resourceVersion, ...metadata }, ...rest } = api.create(source({ sink }), by)
  t.throws(() => api.update({ ...rest, metadata }, by), { code: 422, message: 'widgets.example.com "s" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update' })
})

t.test('existing and missing objects', async t => {
  const { api } = makeApi()
  api.create(deployment, by)
  t.throws(() => api.create(deployment, by), { code: 409, reason: 'AlreadyExists', message: 'deployments.apps "d" already exists' })
  const other = { ...reference, metadata: { name: 'e', namespace: 'default' } }
  t.equal(api.find(other), undefined)
  t.throws(() => api.get(other), { code: 404, message: 'deployments.apps "e" not found' })
  t.throws(() => api.update({ ...deployment, metadata: other.metadata }, by), { code: 404 })
  t.throws(() => api.delete(other, by), { code: 404 })
  t.throws(() => api.find({ ...reference, kind: 'Thing' }), { message: 'no matches for kind "Thing" in version "apps/v1"' })
  t.equal(api.get({ ...reference, metadata: { name: 'd' } }), api.get(reference), 'the default namespace is default')
  t.equal(api.list('apps/v1', 'Deployment', { namespace: 'other' }).length, 0)
  t.equal(api.discover('apps/v1', 'deployments')?.kind, 'Deployment')
})

t.test('returned objects cannot be changed', async t => {
  const { api } = makeApi()
  const stored = api.create(deployment, by)
  t.throws(() => { stored.spec.replicas = 5 }, TypeError)
  t.throws(() => { stored.metadata.labels = {} }, TypeError)
})

t.test('a Widget is pruned and gets defaults by its CustomResourceDefinition', async t => {
  const { api } = makeApi()
  const stored = api.create(source({ sink: { ...sink, bogus: 1 }, interval: null, ceOverrides: {}, resources: { limits: { cpu: 1, bogus: 1 } }, bogus: true }), by)
  t.strictSame(stored.spec, { sink, ceOverrides: {}, resources: { limits: { cpu: 1 } }, interval: '10s', serviceAccountName: 'default' })
  t.strictSame(api.get(stored).metadata.managedFields?.[0]?.fieldsV1['f:spec'], {
    '.': {},
    'f:ceOverrides': {},
    'f:interval': {},
    'f:resources': { '.': {}, 'f:limits': { '.': {}, 'f:cpu': {} } },
    'f:serviceAccountName': {},
    'f:sink': { '.': {}, 'f:uri': {} }
  })
})

t.test('a Widget that does not match its schema is refused', async t => {
  const { api } = makeApi()
  const refused = (spec: object, message: string) => t.throws(() => api.create(source(spec), by), { code: 422, message: `Widget.example.com "s" is invalid: ${message}` })
  refused({}, 'spec.sink: Required value')
  refused({ sink: { uri: 5 } }, 'spec.sink.uri: Invalid value: "integer": spec.sink.uri in body must be of type string: "integer"')
  refused({ sink: { ref: { apiVersion: 'v1', kind: 'Service' } } }, 'spec.sink.ref.name: Required value')
  refused({ sink, interval: 'x'.repeat(257) }, 'spec.interval: Too long: may not be more than 256 bytes')
  refused({ sink, resources: { limits: { cpu: true } } }, 'spec.resources.limits.cpu: Invalid value: "boolean": spec.resources.limits.cpu in body must be of type integer,string: "boolean"')
  refused({ sink: [], interval: 1 }, '[spec.sink: Invalid value: "array": spec.sink in body must be of type object: "array", spec.interval: Invalid value: "integer": spec.interval in body must be of type string: "integer"]')
  const stored = api.create(source({ sink }), by)
  const condition = { type: 'Ready', status: 'Maybe', lastTransitionTime: 'now' }
  t.throws(() => api.updateStatus({ ...stored, status: { conditions: [condition] } }, by), {
    message: 'Widget.example.com "s" is invalid: [status.conditions[0].status: Unsupported value: "Maybe": supported values: "True", "False", "Unknown", status.conditions[0].lastTransitionTime: Invalid value: "now": status.conditions[0].lastTransitionTime in body must be of type date-time: "now"]'
  })
})

t.test('a SinkBinding is pruned', async t => {
  const { api } = makeApi()
  const stored = api.create({
    apiVersion: 'sources.knative.dev/v1',
    kind: 'SinkBinding',
    metadata: { name: 'b', namespace: 'default', labels: {}, annotations: {} },
    spec: { sink: { ref: { apiVersion: 'v1', kind: 'Service', name: 's', group: 'x', address: 'y' } }, ceOverrides: { extensions: { a: 'b' } }, subject: { name: 'd', bogus: 1 } }
  }, by)
  t.strictSame(stored.spec, { sink: { ref: { apiVersion: 'v1', kind: 'Service', name: 's' } }, ceOverrides: { extensions: { a: 'b' } }, subject: { name: 'd' } })
  t.equal(stored.metadata.labels, undefined)
  t.equal(stored.metadata.annotations, undefined)
})

t.test('an object with finalizers stays until they are gone', async t => {
  const { api, clock } = makeApi()
  api.create({ ...deployment, metadata: { ...deployment.metadata, finalizers: ['x/a', 'x/b'] } }, by)
  clock.advanceTo(clock.now + 5000)
  api.delete(reference, by)
  const dying = api.get(reference)
  t.match(dying.metadata, { deletionTimestamp: '2026-01-01T00:00:05Z', deletionGracePeriodSeconds: 0, generation: 2 })
  api.delete(reference, by)
  t.equal(api.get(reference), dying, 'a second deletion changes nothing')
  t.throws(() => api.patch(reference, { metadata: { finalizers: ['x/a', 'x/b', 'x/c'] } }, by), { message: /no new finalizers can be added if the object is being deleted/ })
  t.equal(api.patch(reference, { metadata: { deletionTimestamp: null } }, by).metadata.deletionTimestamp, dying.metadata.deletionTimestamp)
  api.patch(reference, { metadata: { finalizers: ['x/b'] } }, by)
  t.ok(api.find(reference))
  api.patch(reference, { metadata: { finalizers: null } }, by)
  t.equal(api.find(reference), undefined)
  t.equal(api.create(deployment, by).metadata.uid === dying.metadata.uid, false)
})

t.test('an object is deleted only if its uid matches', async t => {
  const { api } = makeApi()
  const { metadata: { uid } } = api.create(deployment, by)
  t.throws(() => api.delete(reference, { ...by, uid: 'other' }), { code: 409 })
  api.delete(reference, { ...by, uid })
  t.equal(api.find(reference), undefined)
})

t.test('only one owner can be the controller', async t => {
  const { api } = makeApi()
  const owner = (uid: string) => ({ apiVersion: 'v1', kind: 'Thing', name: uid, uid, controller: true })
  t.throws(() => api.create({ ...deployment, metadata: { ...deployment.metadata, ownerReferences: [owner('1'), owner('2')] } }, by), { message: /: metadata\.ownerReferences: Invalid value: only one owner/ })
})

t.test('the total size of annotations is limited', async t => {
  const { api } = makeApi()
  const annotated = (length: number) => ({ ...deployment, metadata: { ...deployment.metadata, annotations: { a: 'x', b: 'é'.repeat(length) } } })
  t.throws(() => api.create(annotated(131_071), by), { code: 422, message: /: metadata\.annotations: Too long: may not be more than 262144 bytes$/ })
  t.ok(api.create(annotated(131_070), by))
})

t.test('labels, annotations and finalizers have names that Kubernetes allows', async t => {
  const { api } = makeApi()
  for (const [field, value] of [['labels', { 'a b': '' }], ['labels', { a: 'b c' }], ['annotations', { '-a': '' }], ['finalizers', ['a b']]] as const) {
    t.throws(() => api.create({ ...deployment, metadata: { ...deployment.metadata, [field]: value } }, by), { code: 422, message: new RegExp(`: metadata\\.${field}: Invalid value: "`) })
  }
})

t.test('watchers get changes and nothing else', async t => {
  const { api } = makeApi()
  const events: WatchEvent[] = []
  api.watch(event => events.push(event))
  const created = api.create(deployment, by)
  api.update(deployment, by)
  const scaled = api.patch(reference, { spec: { replicas: 2 } }, by)
  api.delete(reference, by)
  t.strictSame(events.map(({ type }) => type), ['ADDED', 'MODIFIED', 'DELETED'])
  t.equal(events[0]?.object, created)
  t.equal(events[1]?.old, created)
  t.equal(events[1]?.object, scaled)
  t.equal(events[2]?.old, scaled)
})

t.test('every write is counted, and whether it changed anything', async t => {
  const { api } = makeApi()
  api.create(deployment, by)
  api.update(deployment, { manager: 'other' })
  t.throws(() => api.create(deployment, by))
  api.patch(reference, { status: { replicas: 1 } }, { ...by, subresource: 'status' })
  t.equal(api.count(), 4)
  t.equal(api.count({ changed: true }), 2)
  t.equal(api.count({ manager: 'other' }), 1)
  t.equal(api.count({ verb: 'create' }), 2)
  t.equal(api.count({ subresource: 'status', kind: 'Deployment' }), 1)
  t.match(api.writes[2]?.refused, { reason: 'AlreadyExists' })
  t.strictSame(api.tally({ changed: true }), { 'Deployment create by m': 1, 'Deployment/status patch by m': 1 })
  api.resetWrites()
  t.equal(api.count(), 0)
})

t.test('a mutating webhook runs after the managed fields are computed', async t => {
  const { api } = makeApi()
  api.admit('apps/v1', 'Deployment', draft => {
    draft.spec.template.spec.containers[0].env = [{ name: 'INJECTED', value: 'x' }, { name: 'EMPTY', value: '' }]
  })
  const stored = api.create(deployment, by)
  t.strictSame(stored.spec.template.spec.containers[0].env, [{ name: 'INJECTED', value: 'x' }, { name: 'EMPTY' }])
  t.notOk(JSON.stringify(stored.metadata.managedFields).includes('INJECTED'))
  t.equal(api.update(deployment, by), stored)
})
