import * as names from '../src/samplesource/names.js'
import { readFixture } from './fixtures.js'

/*
 * Bodies that each stress one field, in any size. For the test that their cost grows with their size
 * (test/attack-cost.test.ts) and for `npm run bench`.
 */

/** The state of the source: valid, with an invalid spec, or being deleted. The last two keep their children. */
export type State = 'good' | 'invalid' | 'leaving'

/** Makes a body of about that many bytes. */
export type MakeBody = (bytes: number, state?: State) => string

const lastApplied = 'metacontroller.k8s.io/last-applied-configuration'
const deploymentGroup = 'Deployment.apps/v1'
const sinkBindingGroup = 'SinkBinding.sources.knative.dev/v1'

/** A request for a source that is ready, and the parts of it that the tests change most. */
class Request {
  readonly request: any = structuredClone(readFixture('ready').request)
  readonly deployment: any = Object.values(this.request.children[deploymentGroup])[0]
  readonly sinkBinding: any = Object.values(this.request.children[sinkBindingGroup])[0]

  get spec (): any {
    return this.request.parent.spec
  }

  get container (): any {
    return this.deployment.spec.template.spec.containers[0]
  }

  /** Changes the last applied configuration of the Deployment. */
  applyLast (change: (applied: any) => void): void {
    const applied = JSON.parse(this.deployment.metadata.annotations[lastApplied])
    change(applied)
    this.deployment.metadata.annotations[lastApplied] = JSON.stringify(applied)
  }

  /** Makes the Deployment one of server-side apply, with these fields of the container. */
  manage (fields: object): void {
    delete this.deployment.metadata.annotations[lastApplied]
    const spec = { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"receive-adapter"}': fields } } } }
    this.deployment.metadata.managedFields = [{ manager: 'metacontroller', operation: 'Apply', fieldsV1: { 'f:metadata': { 'f:ownerReferences': {} }, 'f:spec': spec } }]
  }

  relate (name: string, data: object): void {
    this.request.related = { 'ConfigMap.v1': { [`knative-samples/${name}`]: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'knative-samples' }, data } } }
  }
}

/** Enough values for a list of about that many bytes. */
function list<Value> (bytes: number, make: (index: number) => Value): Value[] {
  const count = Math.ceil(bytes / (JSON.stringify(make(99_999)).length + 1))
  return Array.from({ length: count }, (_, index) => make(index))
}

const map = (bytes: number, make: (index: number) => [string, unknown]): object => Object.fromEntries(list(bytes - 2, make))

/** JSON nested as deep as the size allows, up to a maximum, around a text that fills the rest. */
function nested (bytes: number, open: string, close: string, levels = 100_000): string {
  const depth = Math.min(levels, Math.ceil(bytes / (open.length + close.length)))
  const filling = JSON.stringify('x'.repeat(Math.max(0, bytes - depth * (open.length + close.length))))
  return open.repeat(depth) + filling + close.repeat(depth)
}

/** A placeholder for JSON that is nested too deep to serialize. */
const placeholder = '\u0001'

/** Puts this JSON in place of the placeholder; in the annotation it is JSON in a string. */
function filled (make: MakeBody, json: (bytes: number) => string, write = (text: string) => text): MakeBody {
  const marked = write(JSON.stringify(placeholder))
  return (bytes, state) => make(bytes, state).replace(marked, () => write(json(bytes)))
}

const inText = (text: string) => JSON.stringify(text).slice(1, -1)

const body = (change: (request: Request, bytes: number) => void): MakeBody => (bytes, state = 'good') => {
  const made = new Request()
  change(made, bytes)
  if (state === 'invalid') made.spec.serviceAccountName = '-'
  if (state === 'leaving') made.request.parent.metadata.deletionTimestamp = '2026-01-01T00:00:00Z'
  return JSON.stringify(made.request)
}

const extensions = (make: (index: number) => [string, unknown]) => body((made, bytes) => { made.spec.ceOverrides = { extensions: map(bytes, make) } })
const logging = (make: (index: number) => [string, unknown]) => body((made, bytes) => made.relate('config-logging', map(bytes, make)))
const observability = (make: (index: number) => [string, unknown]) => body((made, bytes) => made.relate('config-observability', map(bytes, make)))
const text = (put: (made: Request, text: string) => void, character = 'x') => body((made, bytes) => put(made, character.repeat(bytes / Buffer.byteLength(character))))
const child = (group: string, make: (index: number) => object) => body((made, bytes) => {
  made.request.children[group] = { ...made.request.children[group], ...map(bytes, index => [`default/c${index}`, make(index)]) }
})

const event = (index: number) => ({ apiVersion: 'v1', kind: 'Event', metadata: { name: `e${index}`, namespace: 'default' }, message: 'x' })
const env = (prefix: string) => (index: number) => ({ name: `${prefix}${index}`, value: 'x' })
const condition = (type: string) => () => ({ type, status: 'False', reason: 'A' })

/** The bodies by the field that they stress. */
export const costlyBodies: Record<string, MakeBody> = {
  'extensions, good': extensions(index => [`a${index}`, 'x']),
  'extensions, bad names': extensions(index => [`A${index}`, '']),
  'extensions, wrong types': extensions(index => [`a${index}`, 1]),
  'extensions, nearly as many as fit into a body': extensions(index => [`A${index}`, 'x'.repeat(13)]),
  'extensions, long names': body((made, bytes) => { made.spec.ceOverrides = { extensions: Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`${index}${'a'.repeat(bytes / 64)}`, 1])) } }),
  'fields that a spec does not have': body((made, bytes) => Object.assign(made.spec, map(bytes, index => [`f${index}`, 1]), { interval: 1 })),

  'env, and others in the annotation': body((made, bytes) => {
    made.container.env = made.container.env.concat(list(bytes / 2, env('b')))
    made.applyLast(({ spec: { template: { spec: { containers: [container] } } } }) => { container.env = container.env.concat(list(bytes / 2.5, env('a'))) })
  }),
  'env, the same in the annotation': body((made, bytes) => {
    made.container.env = made.container.env.concat(list(bytes / 2.2, env('a')))
    made.applyLast(({ spec: { template: { spec: { containers: [container] } } } }) => { container.env = container.env.concat(list(bytes / 2.2, env('a'))) })
  }),
  'env, one name': body((made, bytes) => {
    made.container.env = list(bytes / 2.2, () => ({ name: 'a', value: 'x' }))
    made.applyLast(applied => { applied.spec.template.spec.containers[0].env = list(bytes / 2.2, () => ({ name: 'a', value: 'x' })) })
  }),
  'a container of one name, again and again': body((made, bytes) => {
    made.container.ports = list(bytes / 3, index => ({ containerPort: index }))
    made.applyLast(applied => { applied.spec.template.spec.containers = list(bytes / 3, () => ({ name: 'receive-adapter', ports: [{ containerPort: 1 }] })) })
  }),
  'args of a container of one name, again and again': body((made, bytes) => {
    made.container.args = list(bytes / 3, () => 'x')
    made.applyLast(applied => { applied.spec.template.spec.containers = list(bytes / 3, () => ({ name: 'receive-adapter', args: [] })) })
  }),
  'names that are objects': body((made, bytes) => {
    const named = list(bytes / 3, index => ({ name: { a: index, b: { c: 'x' } } }))
    made.deployment.spec.template.spec.volumes = named
    made.applyLast(applied => { applied.spec.template.spec.volumes = named.toReversed() })
  }),
  'names in names in names': body((made, bytes) => {
    const name = JSON.parse(nested(bytes / 3, '[{"name":', '}]', 45))
    made.deployment.spec.template.spec.volumes = name
    made.applyLast(applied => { applied.spec.template.spec.volumes = name })
  }),
  'an annotation that is no JSON': body((made, bytes) => { made.deployment.metadata.annotations[lastApplied] = '[0,'.repeat(bytes / 3) }),

  'managedFields, and other env': body((made, bytes) => {
    made.container.env = made.container.env.concat(list(bytes / 2, env('b')))
    made.manage({ 'f:env': map(bytes / 2, index => [`k:{"name":"a${index}"}`, { 'f:name': {} }]) })
  }),
  'managedFields of the env': body((made, bytes) => {
    made.container.env = made.container.env.concat(list(bytes / 2, env('a')))
    made.manage({ 'f:env': map(bytes / 2, index => [`k:{"name":"a${index}"}`, { 'f:name': {} }]) })
  }),
  'managedFields, each by another key': body((made, bytes) => {
    made.container.env = made.container.env.concat(list(bytes / 2, env('a')))
    made.manage({ 'f:env': map(bytes / 2, index => [`k:{"name${index}":"a"}`, { 'f:name': {} }]) })
  }),
  'managedFields by several keys': body((made, bytes) => {
    made.container.ports = list(bytes / 2, index => ({ containerPort: index, protocol: 'TCP' }))
    made.manage({ 'f:ports': map(bytes / 2, index => [`k:{"containerPort":${-index},"protocol":"TCP"}`, {}]) })
  }),
  'managedFields of a set': body((made, bytes) => {
    made.container.args = list(bytes / 2, index => `b${index}`)
    made.manage({ 'f:args': map(bytes / 2, index => [`v:"a${index}"`, {}]) })
  }),
  'managedFields, one item again and again': body((made, bytes) => {
    made.container.env = list(bytes / 2, () => ({ name: 'a' }))
    made.manage({ 'f:env': { 'k:{"name":"a"}': map(bytes / 2, index => [`f:n${index}`, {}]) } })
  }),
  'managedFields entries': body((made, bytes) => { made.deployment.metadata.managedFields = list(bytes, () => ({ operation: 'Apply', fieldsV1: {} })) }),
  'managedFields that nobody reads': body((made, bytes) => { made.deployment.metadata.managedFields = list(bytes, () => ({ operation: 'Update', fieldsV1: { 'f:a': {} } })) }),

  'conditions of the source': body((made, bytes) => { made.request.parent.status.conditions = list(bytes, condition('Ready')) }),
  'conditions of the Deployment': body((made, bytes) => { made.deployment.status.conditions = list(bytes, condition('Available')) }),
  'conditions of the SinkBinding': body((made, bytes) => { made.sinkBinding.status.conditions = list(bytes, condition('Ready')) }),
  'conditions that are numbers': body((made, bytes) => {
    for (const object of [made.request.parent, made.deployment, made.sinkBinding]) object.status.conditions = list(bytes / 3, () => 0)
  }),
  'names of ServiceAccounts': body((made, bytes) => { made.sinkBinding.status.auth = { serviceAccountNames: list(bytes, index => `a${index}`) } }),

  labels: body((made, bytes) => { for (const object of [made.deployment, made.sinkBinding]) Object.assign(object.metadata.labels, map(bytes / 2, index => [`l${index}`, 'x'])) }),
  annotations: body((made, bytes) => Object.assign(made.deployment.metadata.annotations, map(bytes, index => [`a${index}`, 'x']))),
  finalizers: body((made, bytes) => { made.deployment.metadata.finalizers = list(bytes, index => `f${index}`) }),
  ownerReferences: body((made, bytes) => {
    made.deployment.metadata.ownerReferences = list(bytes / 2, index => ({ uid: `u${index}` }))
    made.applyLast(applied => { applied.metadata.ownerReferences = list(bytes / 2.4, index => ({ uid: `v${index}` })) })
  }),

  'related ConfigMaps': body((made, bytes) => {
    made.request.related = { 'ConfigMap.v1': map(bytes, index => [`knative-samples/c${index}`, { metadata: { name: `c${index}`, namespace: 'knative-samples' }, data: { a: 'x' } }]) }
  }),
  'config-logging, bad levels': logging(index => [`loglevel.a${index}`, 'loud']),
  'config-logging, wrong types': logging(index => [`loglevel.a${index}`, 1]),
  'config-logging, zap-logger-config': body((made, bytes) => made.relate('config-logging', { 'zap-logger-config': JSON.stringify({ outputPaths: list(bytes, () => 1) }) })),
  'config-observability, keys': observability(index => [`a${index}`, '']),
  'config-observability, one long value': body((made, bytes) => made.relate('config-observability', { 'tracing-endpoint': ' '.repeat(bytes) })),

  'a long quantity': text((made, text) => { made.spec.resources = { limits: { cpu: text, memory: '1e9999' } } }, '1'),
  'a long uri': text((made, text) => { made.spec.sink = { uri: `http://${text}/` } }, '漢'),
  'a long uri, combining': text((made, text) => { made.spec.sink = { uri: `http://${text}/` } }, 'a\u0301'),
  'long CACerts': text((made, text) => { made.spec.sink.CACerts = text }, '-----BEGIN '),
  'a long audience': text((made, text) => { made.spec.sink.audience = text }),
  'a long name of a ref': text((made, text) => { made.spec.sink.ref.name = text }),
  'a long interval': text((made, text) => { made.spec.interval = text }, '1h'),
  'a long serviceAccountName': text((made, text) => { made.spec.serviceAccountName = text }, 'a-'),
  'a long message': text((made, text) => { made.sinkBinding.status.conditions = [{ type: 'Ready', status: 'False', message: text }] }),
  'a long time': text((made, text) => { made.request.parent.status.conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: `2026-01-01T00:00:00.${text}Z` }] }, '1'),
  'a long time of the rollout': text((made, text) => {
    const conditions = [{ type: 'Progressing', lastUpdateTime: text }]
    made.request.related = { 'Deployment.apps/v1': { a: { metadata: { name: names.packageName, namespace: names.systemNamespace }, status: { conditions } } } }
  }, '('),
  'a long sinkUri': text((made, text) => { made.sinkBinding.status.sinkUri = text }),
  'a long uid': text((made, text) => { made.request.parent.metadata.uid = text }),
  'a long name of the source': text((made, text) => { made.request.parent.metadata.name = text }, 'a-'),
  'a long number': (bytes, state) => body(() => {})(bytes, state).replace('"generation":', () => `"a":${'9'.repeat(bytes)},"generation":`),

  'deep nesting of objects': filled(body(made => { made.deployment.spec.template.spec.x = placeholder }), bytes => nested(bytes, '{"a":', '}')),
  'deep nesting of arrays': filled(body(made => { made.deployment.spec.template.spec.x = placeholder }), bytes => nested(bytes, '[', ']')),
  'deep nesting in the annotation': filled(body(made => made.applyLast(applied => { applied.x = placeholder })), bytes => nested(bytes, '{"a":', '}'), inText),
  'deep nesting in the spec': filled(body(made => { made.spec.interval = placeholder }), bytes => nested(bytes, '{"a":', '}')),
  'deep nesting in the status': filled(body(made => { made.request.parent.status = placeholder }), bytes => nested(bytes, '{"conditions":[', ']}')),

  'many Deployments': child(deploymentGroup, index => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: `c${index}` } })),
  'many Events': child('Event.v1', event),
  'many Events, and a new one': body((made, bytes) => {
    made.request.children['Event.v1'] = map(bytes, index => [`default/e${index}`, event(index)])
    made.request.parent.status.conditions = []
    delete made.request.children[deploymentGroup]
  }),
  'many Events with an annotation': child('Event.v1', index => ({ ...event(index), metadata: { name: `e${index}`, annotations: { [lastApplied]: '{"metadata":{"name":"x"},"a":[{"name":"x"}]}' } } })),
  'many kinds of children': body((made, bytes) => Object.assign(made.request.children, map(bytes, index => [`K${index}.v1`, {}]))),
  'children, of which the last is no object': body((made, bytes) => { made.request.children['Event.v1'] = { ...map(bytes, index => [`e${index}`, {}]), z: 1 } })
}
