import t from 'tap'
import { makeValidator } from './crd-validation.js'
import { ApiServer } from './api-server.js'
import { Clock } from './clock.js'
import { resourceOf } from './crd.js'

const string = { type: 'string' }
const integer = { type: 'integer' }
const strings = { type: 'array', items: string }

/** A schema, values that it accepts, and values that it refuses, each with the problem. */
const table: Array<[object, unknown[], Array<[unknown, string]>]> = [
  [{ ...string, minLength: 2, maxLength: 3 }, ['ab', 'äöü', '🌧🌧🌧'], [['a', 'f: Invalid value: "a": f in body should be at least 2 chars long'], ['abcd', 'f: Too long: may not be more than 3 bytes']]],
  [{ ...string, pattern: '^a+$' }, ['aa'], [['b', "f: Invalid value: \"b\": f in body should match '^a+$'"]]],
  [{ ...string, enum: ['a', 'b'] }, ['a'], [['c', 'f: Unsupported value: "c": supported values: "a", "b"']]],
  [{ ...integer, minimum: 1, maximum: 3 }, [1, 3], [[0, 'f: Invalid value: 0: f in body should be greater than or equal to 1'], [4, 'f: Invalid value: 4: f in body should be less than or equal to 3'], [1.5, 'f: Invalid value: "number": f in body must be of type integer: "number"']]],
  [{ ...integer, minimum: 1, exclusiveMinimum: true, maximum: 3, exclusiveMaximum: true }, [2], [[1, 'f: Invalid value: 1: f in body should be greater than 1'], [3, 'f: Invalid value: 3: f in body should be less than 3']]],
  [{ ...integer, multipleOf: 5 }, [10], [[7, 'f: Invalid value: 7: f in body should be a multiple of 5']]],
  [{ ...integer, format: 'int32' }, [2 ** 31 - 1], [[2 ** 33, 'f: Invalid value: 8589934592: f in body must be of type int32: 8589934592']]],
  [{ ...integer, format: 'int64' }, [2 ** 40], []],
  [{ type: 'number' }, [1.5, 2], [['1', 'f: Invalid value: "string": f in body must be of type number: "string"']]],
  ...([
    ['date-time', '2026-01-02T03:04:05Z', '2026-01-02'], ['date', '2026-01-02', '2026-13-02'], ['duration', '1h30m', '90'], ['byte', 'aGk=', 'a'], ['uri', 'http://x/', 'x y'],
    ['hostname', 'a.example', '-a'], ['ipv4', '10.0.0.1', '10.0.0'], ['ipv6', '::1', '10.0.0.1'], ['uuid', '00000000-0000-4000-8000-000000000001', '0']
  ].map(([format = '', good, bad]): [object, unknown[], Array<[unknown, string]>] => [{ ...string, format }, [good], [[bad, `f: Invalid value: "${bad}": f in body must be of type ${format}: "${bad}"`]]])),
  [{ ...string, format: 'password' }, ['x'], []],
  [{ ...string, format: 'nobody-knows-it' }, ['x'], []],
  [{ type: 'number', format: 'double' }, [1], []],
  [{ type: 'boolean' }, [true], [['true', 'f: Invalid value: "string": f in body must be of type boolean: "string"']]],
  [{ ...string, nullable: true }, [null, 'a'], [[1, 'f: Invalid value: "integer": f in body must be of type string: "integer"']]],
  [string, ['a'], [[null, 'f: Invalid value: "null": f in body must be of type string: "null"'], [['a'], 'f: Invalid value: "array": f in body must be of type string: "array"']]],
  [{ ...strings, minItems: 1, maxItems: 2 }, [['a'], ['a', 'a']], [[[], 'f: Invalid value: 0: f in body should have at least 1 items'], [['a', 'b', 'c'], 'f: Too many: 3: must have at most 2 items'], [['a', 1], 'f[1]: Invalid value: "integer": f[1] in body must be of type string: "integer"']]],
  [{ ...strings, 'x-kubernetes-list-type': 'set' }, [['a', 'b']], [[['a', 'b', 'a'], 'f[2]: Duplicate value: "a"']]],
  [{ type: 'array', items: { type: 'object', properties: { name: string } }, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] }, [[{ name: 'a' }, { name: 'b' }]], [[[{ name: 'a', x: 1 }, { name: 'a' }], 'f[1]: Duplicate value: {"name":"a"}']]],
  [{ type: 'object', additionalProperties: integer, minProperties: 1, maxProperties: 2 }, [{ a: 1 }], [[{}, 'f: Invalid value: 0: f in body should have at least 1 properties'], [{ a: 1, b: 2, c: 3 }, 'f: Too many: 3: must have at most 2 items'], [{ 'a/b~c': 'x' }, 'f.a/b~c: Invalid value: "string": f.a/b~c in body must be of type integer: "string"']]],
  [{ type: 'object', required: ['a'], properties: { a: string } }, [{ a: '' }], [[{}, 'f.a: Required value']]],
  [{ type: 'object', 'x-kubernetes-embedded-resource': true }, [{ apiVersion: 'v1', kind: 'Pod', metadata: {} }], [[{ apiVersion: 'v1' }, 'f.kind: Required value']]],
  [{ 'x-kubernetes-int-or-string': true, pattern: '^\\d+%$', anyOf: [{ type: 'integer' }, { type: 'string' }] }, [5, '5%'], [['5', "f: Invalid value: \"5\": f in body should match '^\\d+%$'"], [1.5, 'f: Invalid value: "number": f in body must be of type integer,string: "number"']]],
  [{ 'x-kubernetes-preserve-unknown-fields': true }, [{ a: [1] }, 'a', 1], []],
  [{ ...string, allOf: [{ minLength: 2 }, { pattern: '^a' }] }, ['ab'], [['a', 'f: Invalid value: "a": f in body should be at least 2 chars long']]],
  [{ ...string, anyOf: [{ minLength: 3 }, { pattern: '^a' }] }, ['a', 'bbb'], [['b', 'f: Invalid value: "b": must validate at least one schema (anyOf)']]],
  [{ ...string, oneOf: [{ minLength: 3 }, { pattern: '^a' }] }, ['a', 'bbb'], [['aaa', 'f: Invalid value: "aaa": must validate one and only one schema (oneOf)']]],
  [{ ...string, not: { pattern: '^a' } }, ['b'], [['a', 'f: Invalid value: "a": must not validate the schema (not)']]],
  [{ type: 'object', properties: { a: string }, not: { required: ['a'] } }, [{}], [[{ a: 'x' }, 'f: Invalid value: "": must not validate the schema (not)']]]
]

t.test('every keyword is applied, and problems are in the words of the API server', async t => {
  for (const [schema, accepted, refused] of table) {
    const validate = makeValidator({ type: 'object', properties: { f: schema } })
    for (const value of accepted) t.same(validate({ f: value }), [], `${JSON.stringify(schema)} takes ${JSON.stringify(value)}`)
    for (const [value, problem] of refused) t.same(validate({ f: value }), [problem], `${JSON.stringify(schema)} refuses ${JSON.stringify(value)}`)
  }
})

t.test('they validate the stored form: pruned and with defaults', async t => {
  const api = new ApiServer(new Clock())
  const spec = {
    type: 'object',
    required: ['city'],
    properties: {
      city: { ...string, minLength: 1 },
      count: { ...integer, minimum: 1, default: 1 },
      pod: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }
    }
  }
  api.define(resourceOf({
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Thing', plural: 'things' },
      versions: [{ name: 'v1', storage: true, schema: { openAPIV3Schema: { type: 'object', required: ['spec'], properties: { spec } } } }]
    }
  }))
  const create = (name: string, spec: object) => api.create({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name }, spec }, { manager: 'kubectl' })
  t.same(create('a', { city: 'Ulm', other: 1 }).spec, { city: 'Ulm', count: 1 })
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { any: 1 } }
  t.same(create('b', { city: 'Ulm', pod: { ...pod, status: {} } }).spec.pod, pod)
  t.throws(() => create('c', { city: '', count: 0 }), { code: 422, message: 'Thing.example.com "c" is invalid: [spec.city: Invalid value: "": spec.city in body should be at least 1 chars long, spec.count: Invalid value: 0: spec.count in body should be greater than or equal to 1]' })
  t.throws(() => create('d', {}), { message: /spec\.city: Required value/ })
})

t.test('they validate the whole object: what the schema requires of every object, and the limits of its name', async t => {
  const api = new ApiServer(new Clock())
  const name = { ...string, maxLength: 3, default: 'x' }
  api.define(resourceOf({
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { kind: 'Thing', plural: 'things' },
      versions: [{
        name: 'v1',
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', required: ['apiVersion', 'kind', 'metadata', 'spec'], properties: { metadata: { type: 'object', properties: { name, generateName: name } }, spec: { type: 'object' } } } }
      }]
    }
  }))
  const create = (metadata: { name: string, labels?: Record<string, string> }) => api.create({ apiVersion: 'example.com/v1', kind: 'Thing', metadata, spec: {} }, { manager: 'kubectl' })
  t.match(create({ name: 'a', labels: { b: 'c' } }), { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'a', generateName: undefined, labels: { b: 'c' }, uid: String } })
  t.throws(() => create({ name: 'abcd' }), { code: 422, message: 'Thing.example.com "abcd" is invalid: metadata.name: Too long: may not be more than 3 bytes' })
})
