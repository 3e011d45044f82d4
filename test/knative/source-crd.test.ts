import { Type, type TSchema } from '@sinclair/typebox'
import t from 'tap'
import { valueAt } from '../../src/kubernetes/object.js'
import { makeSourceCrd } from '../../src/knative/source-crd.js'
import { structuralProblems } from '../harness/structural-schema.js'

const schemaOf = (spec: TSchema, status: TSchema = Type.Object({})) =>
  makeSourceCrd({ group: 'example.com', version: 'v1', kind: 'Widget', singular: 'widget', plural: 'widgets', description: 'd', spec, status, eventTypes: ['e'] }).spec.versions[0]!.schema.openAPIV3Schema

t.test('a schema of TypeBox becomes a structural schema', async t => {
  const table: Array<[TSchema, object]> = [
    [Type.String({ minLength: 1, maxLength: 9, pattern: '^/', format: 'uri', default: '/' }), { type: 'string', minLength: 1, maxLength: 9, pattern: '^/', format: 'uri', default: '/' }],
    [Type.Integer({ minimum: 1, maximum: 9, multipleOf: 2 }), { type: 'integer', minimum: 1, maximum: 9, multipleOf: 2 }],
    [Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }), { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: true }],
    [Type.Literal('a', { description: 'd' }), { type: 'string', enum: ['a'], description: 'd' }],
    [Type.Union([Type.Literal('a'), Type.Literal('b')], { description: 'd', default: 'a' }), { type: 'string', enum: ['a', 'b'], description: 'd', default: 'a' }],
    [Type.Array(Type.Object({ a: Type.Literal(1) }, { additionalProperties: false }), { minItems: 1 }), { type: 'array', minItems: 1, items: { type: 'object', required: ['a'], properties: { a: { type: 'number', enum: [1] } } } }],
    [Type.Record(Type.String(), Type.Object({ a: Type.Optional(Type.Literal('x')) })), { type: 'object', additionalProperties: { type: 'object', properties: { a: { type: 'string', enum: ['x'] } } } }],
    [Type.Object({}, { additionalProperties: Type.Integer({ exclusiveMinimum: 0 }) }), { type: 'object', additionalProperties: { type: 'integer', minimum: 0, exclusiveMinimum: true }, properties: {} }],
    [Type.Unsafe({ 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }), { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }]
  ]
  for (const [schema, expected] of table) t.strictSame(JSON.parse(JSON.stringify(valueAt(schemaOf(Type.Object({ f: schema })), 'properties', 'spec', 'properties', 'f'))), expected)
  t.same(structuralProblems(schemaOf(Type.Object(Object.fromEntries(table.filter(([, { properties, additionalProperties }]: any) => !(properties && additionalProperties)).map(([schema], index) => [`f${index}`, schema]))))), [])
})

t.test('a status has no required fields, except in the items of its lists', async t => {
  const schema = schemaOf(Type.Object({ a: Type.String() }), Type.Object({ a: Type.String(), b: Type.Array(Type.Object({ c: Type.String() })) }))
  t.same(valueAt(schema, 'properties', 'spec', 'required'), ['a'])
  t.strictSame(JSON.parse(JSON.stringify(valueAt(schema, 'properties', 'status'))), {
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'array', items: { type: 'object', required: ['c'], properties: { c: { type: 'string' } } } } }
  })
})
