import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import t from 'tap'
import { parse } from 'yaml'
import { structuralProblems } from '../harness/structural-schema.js'
import { eventType, group, kind, plural, singular } from '../../src/samplesource/names.js'

t.test('the committed CRD is the one generated from the schema', async t => {
  const { stdout } = await promisify(execFile)(process.execPath, ['build/src/cli/generate-crd.js'])
  t.equal(stdout, await readFile('manifests/base/crd.yaml', 'utf8'), 'run `npm run generate`')
})

t.test('the CRD is one of a Knative source', async t => {
  const { metadata, spec } = parse(await readFile('manifests/base/crd.yaml', 'utf8'))
  t.match(metadata, {
    name: `${plural}.${group}`,
    labels: { 'eventing.knative.dev/source': 'true', 'duck.knative.dev/source': 'true', 'knative.dev/crd-install': 'true' },
    annotations: { 'registry.knative.dev/eventTypes': `[{"type":"${eventType}"}]` }
  })
  t.same(spec.names, { kind, plural, singular, categories: ['all', 'knative', 'eventing', 'sources'] })
  const [version] = spec.versions
  t.same(version.subresources, { status: {} })
  t.same(version.additionalPrinterColumns.map(({ name }: { name: string }) => name), ['Ready', 'Reason', 'Sink', 'Age'])
  const { properties } = version.schema.openAPIV3Schema
  t.equal(properties.spec.properties.serviceAccountName.default, 'default')
  t.equal(properties.spec.properties.interval.default, '10s')
  t.ok(properties.spec.required.includes('sink'))
  t.same(Object.keys(properties.status.properties), ['observedGeneration', 'conditions', 'sinkUri', 'sinkCACerts', 'sinkAudience', 'auth', 'ceAttributes'])
})

t.test('the schema is structural, and every field has a description', async t => {
  const { spec } = parse(await readFile('manifests/base/crd.yaml', 'utf8'))
  const { openAPIV3Schema } = spec.versions[0].schema
  t.same(structuralProblems(openAPIV3Schema), [])
  const visit = (path: string, schema: any, described: boolean) => {
    if (described) t.ok(schema.description, `${path} has a description`)
    for (const [name, property] of Object.entries(schema.properties ?? {})) visit(`${path}.${name}`, property, true)
    for (const nested of ['items', 'additionalProperties']) if (schema[nested]) visit(`${path}.${nested}`, schema[nested], false)
  }
  visit('', openAPIV3Schema, true)
})

t.test('a quantity is an integer or a string, in the only form that a structural schema allows', async t => {
  const { spec } = parse(await readFile('manifests/base/crd.yaml', 'utf8'))
  const { resources } = spec.versions[0].schema.openAPIV3Schema.properties.spec.properties
  for (const list of Object.values<any>(resources.properties)) {
    for (const quantity of Object.values<any>(list.properties)) {
      t.match(quantity, { 'x-kubernetes-int-or-string': true, maxLength: 64, pattern: /^\^/ })
      t.strictSame(quantity.anyOf, [{ type: 'integer' }, { type: 'string' }], 'the API server takes no other')
      t.notOk('type' in quantity)
    }
  }
})
