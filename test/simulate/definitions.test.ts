import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import t from 'tap'
import { readDefinitions } from './definitions.js'
import { thingController, thingDefinition } from './things.js'
import { makeFolder } from '../folder.js'

const cwd = makeFolder(t, 'simulate')

/** Reads a CompositeController and a CustomResourceDefinition. */
async function read (controller: unknown, crd: unknown = thingDefinition()) {
  writeFileSync(join(cwd, 'controller.json'), JSON.stringify(controller))
  writeFileSync(join(cwd, 'crd.json'), JSON.stringify(crd))
  return await readDefinitions({ controller: 'controller.json', crds: ['crd.json'] }, [], { cwd, stdin: Readable.from([]) })
}

t.test('a definition that an API server would refuse is reported in one line', async t => {
  const table: Array<[change: (crd: any) => void, message: string]> = [
    [crd => { crd.spec = 'x' }, 'spec.group is required'],
    [crd => { delete crd.spec.scope }, 'spec.scope is required'],
    [crd => { delete crd.spec.names.plural }, 'spec.names.plural is required'],
    [crd => { crd.spec.versions[0].storage = false }, 'none of spec.versions is named and has storage: true'],
    [crd => { delete crd.spec.versions }, 'none of spec.versions is named and has storage: true'],
    [crd => { delete crd.spec.versions[0].schema }, 'version v1 has no schema.openAPIV3Schema']
  ]
  for (const [change, message] of table) {
    const crd = structuredClone(thingDefinition())
    change(crd)
    await t.rejects(read(thingController(), crd), { message: `crd.json: CustomResourceDefinition things.example.org: ${message}` })
  }
})

t.test('so is an invalid CompositeController', async t => {
  const table: Array<[change: (spec: any) => void, message: string]> = [
    [spec => { delete spec.hooks.sync }, 'spec.hooks.sync is required'],
    [spec => { spec.hooks.sync = null }, 'spec.hooks.sync is required'],
    [spec => { spec.hooks.sync = {} }, 'spec.hooks.sync.webhook is required'],
    [spec => { spec.hooks.sync.webhook = {} }, 'spec.hooks.sync.webhook: url is required, or service and path'],
    [spec => { spec.hooks.sync.webhook.url = 'x' }, 'spec.hooks.sync.webhook.url must be a URL, got "x"'],
    [spec => { spec.hooks.sync.version = 'v3' }, 'spec.hooks.sync.version must be v1 or v2, got "v3"'],
    [spec => { delete spec.parentResource }, 'spec.parentResource.apiVersion is required'],
    [spec => { spec.childResources = [null] }, 'spec.childResources[0].apiVersion is required'],
    [spec => { spec.childResources[0].updateStrategy.method = 'Often' }, 'spec.childResources[0].updateStrategy.method must be one of OnDelete, Recreate, InPlace, RollingRecreate, RollingInPlace, got "Often"'],
    [spec => { spec.resyncPeriodSeconds = '5s' }, 'spec.resyncPeriodSeconds must be an integer, got "5s"']
  ]
  for (const [change, message] of table) {
    const controller = structuredClone(thingController())
    change(controller.spec)
    await t.rejects(read(controller), { message: `controller.json: CompositeController thing-controller: ${message}` })
  }
  await t.rejects(read({ ...thingController(), spec: undefined }), { message: 'controller.json: CompositeController thing-controller: spec is required' })
  await t.rejects(read([]), { message: 'controller.json: not an object of Kubernetes: apiVersion and kind are required' })
  await t.resolves(read(thingController()))
  await t.rejects(readDefinitions({ controller: undefined, crds: [] }, [{ name: 'applied.yaml', objects: [{ ...thingDefinition(), spec: {} }] }], { cwd, stdin: Readable.from([]) }), { message: 'applied.yaml: CustomResourceDefinition things.example.org: spec.group is required' })
})
