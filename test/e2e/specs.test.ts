import t from 'tap'
import { validate } from '../../src/samplesource/validation.js'
import { find } from './kube-object.js'
import { readManifest } from './manifests.js'
import { ApiServer, type Manifest } from '../harness/api-server.js'
import { Clock } from '../harness/clock.js'
import { resourceOf } from '../harness/crd.js'
import { sampleSource } from './sources.js'
import { accepted, refusedByRules, refusedBySchema } from './specs.js'

interface Schema { properties?: Record<string, Schema>, 'x-kubernetes-validations'?: Array<{ message: string, fieldPath?: string }> }

/** The CEL rules of a schema: message and path. */
function rulesOf ({ properties = {}, 'x-kubernetes-validations': rules = [] }: Schema, path: string): Array<{ message: string, path: string }> {
  return [
    ...rules.map(({ message, fieldPath = '' }) => ({ message, path: path + fieldPath })),
    ...Object.entries(properties).flatMap(([name, schema]) => rulesOf(schema, `${path}.${name}`))
  ]
}

t.test('each CEL rule of the CRD has specs that it refuses', async t => {
  const { spec } = find(await readManifest('base/crd.yaml'), 'CustomResourceDefinition')
  const rules = rulesOf(spec.versions[0].schema.openAPIV3Schema.properties.spec, 'spec')
  const byMessage = (one: { message: string }, other: { message: string }) => one.message < other.message ? -1 : 1
  t.strictSame(refusedByRules.map(({ message, path }) => ({ message, path })).sort(byMessage), rules.sort(byMessage))
  for (const { message, specs } of refusedByRules) t.ok(specs.length > 0, message)
})

t.test('the hook agrees', async t => {
  for (const spec of [...refusedByRules, ...refusedBySchema].flatMap(({ specs }) => specs)) t.ok(validate(spec).problems, JSON.stringify(spec))
  for (const spec of accepted) t.notOk(validate(spec).problems, JSON.stringify(spec))
})

t.test('so does the simulated API server, except for the CEL rules', async t => {
  const api = new ApiServer(new Clock())
  api.define(resourceOf(find(await readManifest('base/crd.yaml'), 'CustomResourceDefinition')))
  const create = (spec: unknown) => api.create(sampleSource('probe', 'default', spec as object) as Manifest, { manager: 'kubectl', dryRun: true })
  for (const spec of accepted) t.ok(create(spec), JSON.stringify(spec))
  for (const { message, path, specs } of refusedBySchema) {
    for (const spec of specs) {
      let refusal = ''
      try { create(spec) } catch (error) { refusal = (error as Error).message }
      t.ok(refusal.includes(message) && refusal.includes(path), `${path}: ${message}: ${refusal}`)
    }
  }
})
