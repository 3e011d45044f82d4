import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { readDefinitions } from './definitions.js'
import { stage, thingController, thingDefinition } from './things.js'
import { makeFolder } from '../folder.js'

const cwd = makeFolder(t, 'simulate')

/** Reads a CompositeController and a CustomResourceDefinition. */
async function read (controller: unknown, crd: unknown = thingDefinition()) {
  writeFileSync(join(cwd, 'controller.json'), JSON.stringify(controller))
  writeFileSync(join(cwd, 'crd.json'), JSON.stringify(crd))
  return await readDefinitions({ controller: 'controller.json', crds: ['crd.json'] }, [], { cwd, stdin: Readable.from([]) })
}

t.test('a definition that an API server would refuse is reported in one line', async t => {
  const table: Array<[change: (crd: any) => void, message: string | RegExp]> = [
    [crd => { crd.apiVersion = 'apiextensions.k8s.io/v1beta1' }, 'apiVersion: expected "apiextensions.k8s.io/v1", got "apiextensions.k8s.io/v1beta1"'],
    [crd => { crd.spec = 'x' }, 'spec: Invalid value: "string": spec in body must be of type object: "string"'],
    [crd => { delete crd.spec.scope }, 'spec.scope: Required value'],
    [crd => { crd.spec.scope = 'namespaced' }, 'spec.scope: Unsupported value: "namespaced": supported values: "Cluster", "Namespaced"'],
    [crd => { delete crd.spec.names.plural }, 'spec.names.plural: Required value'],
    [crd => { crd.spec.names.plural = 'thing' }, 'metadata.name: expected spec.names.plural and spec.group, "thing.example.org", got "things.example.org"'],
    [crd => { crd.spec.versions[0].storage = false }, 'spec.versions: expected exactly one with storage: true'],
    [crd => { crd.spec.versions.push({ ...crd.spec.versions[0], name: 'v2' }) }, 'spec.versions: expected exactly one with storage: true'],
    [crd => { delete crd.spec.versions }, 'spec.versions: Required value'],
    [crd => { delete crd.spec.versions[0].schema }, 'version v1 has no schema.openAPIV3Schema'],
    [crd => { crd.spec.foo = 1 }, 'unknown field "spec.foo"'],
    [crd => { crd.spec.versions[0].subresource = { status: {} } }, 'unknown field "spec.versions[0].subresource": did you mean "subresources"?'],
    [crd => { crd.spec.versions[0].schema.openAPIV3Schema.properties.spec = { typ: 'object' } }, /is not structural: [^\n]*typ/]
  ]
  for (const [change, message] of table) {
    const crd = structuredClone(thingDefinition())
    change(crd)
    await t.rejects(read(thingController(), crd), { message: typeof message === 'string' ? `crd.json: CustomResourceDefinition things.example.org: ${message}` : message })
  }
})

t.test('a file that does not exist is named', async t => {
  await t.rejects(readDefinitions({ controller: 'absent', crds: [] }, [], { cwd, stdin: Readable.from([]) }), { message: 'absent: no such file or directory' })
})

t.test('so is an invalid CompositeController', async t => {
  const table: Array<[change: (spec: any) => void, message: string]> = [
    [spec => { delete spec.hooks.sync }, 'spec.hooks.sync: Required value'],
    [spec => { spec.hooks.sync = null }, 'spec.hooks.sync: Required value'],
    [spec => { spec.hooks.sync = {} }, 'spec.hooks.sync.webhook: Required value'],
    [spec => { spec.hooks.sync.webhook.timeout = '1y' }, 'spec.hooks.sync.webhook.timeout: Invalid value: "1y": spec.hooks.sync.webhook.timeout in body must be of type duration: "1y"'],
    [spec => { spec.hooks.sink = spec.hooks.sync }, 'unknown field "spec.hooks.sink": did you mean "sync"?'],
    [spec => { spec.childResources = {} }, 'spec.childResources: Invalid value: "object": spec.childResources in body must be of type array: "object"'],
    [spec => { spec.childResources[0].updateStratgy = {} }, 'unknown field "spec.childResources[0].updateStratgy": did you mean "updateStrategy"?'],
    [spec => { spec.parentResource.labelSelector = 5 }, 'spec.parentResource.labelSelector: Invalid value: "integer": spec.parentResource.labelSelector in body must be of type object: "integer"'],
    [spec => { spec.parentResource.labelSelector = { matchExpressions: [{ key: 'a', operator: 'Foo' }] } }, 'spec.parentResource.labelSelector.matchExpressions[0].operator: Unsupported value: "Foo": supported values: "In", "NotIn", "Exists", "DoesNotExist"'],
    [spec => { spec.hooks.sync.webhook = {} }, 'spec.hooks.sync.webhook: url is required, or service and path'],
    [spec => { spec.hooks.sync.webhook.url = 'x' }, 'spec.hooks.sync.webhook.url must be a URL, got "x"'],
    [spec => { spec.hooks.sync.version = 'v3' }, 'spec.hooks.sync.version: Unsupported value: "v3": supported values: "v1", "v2"'],
    [spec => { delete spec.parentResource }, 'spec.parentResource: Required value'],
    [spec => { spec.childResources = [null] }, 'spec.childResources[0]: Invalid value: "null": spec.childResources[0] in body must be of type object: "null"'],
    [spec => { spec.parentResource.labelSelector = { matchExpressions: [{ key: 'a', operator: 'In' }] } }, 'spec.parentResource.labelSelector: In needs values'],
    [spec => { spec.parentResource.labelSelector = { matchExpressions: [{ key: 'a', operator: 'DoesNotExist', values: ['b'] }] } }, 'spec.parentResource.labelSelector: DoesNotExist has no values'],
    [spec => { spec.parentResource.labelSelector = { matchLabels: { 'a b': 'c d' } } }, 'spec.parentResource.labelSelector: it is not the key of a label: "a b", spec.parentResource.labelSelector: it is not the value of a label: "c d"'],
    [spec => { spec.hooks.sync.webhook = { path: '/sync' } }, 'spec.hooks.sync.webhook: url is required, or service and path'],
    [spec => { spec.resyncPeriodSeconds = 1e300 }, 'spec.resyncPeriodSeconds: Invalid value: 1e+300: spec.resyncPeriodSeconds in body must be of type int32: 1e+300'],
    [spec => { spec.childResources[0].updateStrategy.method = 'Often' }, 'spec.childResources[0].updateStrategy.method: Unsupported value: "Often": supported values: "OnDelete", "Recreate", "InPlace", "RollingRecreate", "RollingInPlace"'],
    [spec => { spec.resyncPeriodSeconds = '5s' }, 'spec.resyncPeriodSeconds: Invalid value: "string": spec.resyncPeriodSeconds in body must be of type integer: "string"']
  ]
  for (const [change, message] of table) {
    const controller = structuredClone(thingController())
    change(controller.spec)
    await t.rejects(read(controller), { message: `controller.json: CompositeController thing-controller: ${message}` })
  }
  await t.rejects(read({ ...thingController(), spec: undefined }), { message: 'controller.json: CompositeController thing-controller: spec: Required value' })
  await t.rejects(read([]), { message: 'controller.json: not an object of Kubernetes: apiVersion and kind are required' })
  const { metadata, ...rest } = thingController()
  const metadataTable: Array<[controller: object, message: string]> = [
    [{ ...rest, metadata: { name: 'A B' } }, 'A B: metadata.name: expected a DNS subdomain name, got "A B"'],
    [{ ...rest, metadata: { ...metadata, labels: { 'a b': '' } } }, 'thing-controller: metadata.labels: Invalid value: "a b": '],
    [{ ...rest, metadata: { ...metadata, labels: { a: 1 } } }, 'thing-controller: json: cannot unmarshal'],
    [{ ...rest, metadata, apiVersion: 'wrong/v9' }, 'thing-controller: apiVersion: expected "metacontroller.k8s.io/v1alpha1", got "wrong/v9"']
  ]
  for (const [controller, message] of metadataTable) await t.rejects(read(controller), { message: new RegExp(`^controller\\.json: CompositeController ${message}`) })
  const { controller } = await read({ ...thingController(), spec: { ...thingController().spec, childResources: null, hooks: { ...thingController().spec.hooks, preUpdateChild: null } } })
  t.strictSame(Object.keys(controller.spec.hooks), ['sync'])
  t.notOk('childResources' in controller.spec)
  await t.resolves(read(thingController()))
  await t.rejects(readDefinitions({ controller: undefined, crds: [] }, [stage('applied.yaml', { ...thingDefinition(), spec: {} })], { cwd, stdin: Readable.from([]) }), { message: 'applied.yaml: CustomResourceDefinition things.example.org: spec.group: Required value, spec.names: Required value, spec.scope: Required value, spec.versions: Required value' })
})
