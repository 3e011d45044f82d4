import t from 'tap'
import { prunedAndFilled, unknownFields, withObjectFields } from '../../src/kubernetes/structural-schema.js'

const text = { type: 'string' }
const schema = {
  type: 'object',
  properties: {
    interval: { ...text, default: '10s' },
    maybe: { ...text, nullable: true },
    maybeByDefault: { ...text, nullable: true, default: 'a' },
    text,
    list: { type: 'array', items: { type: 'object', properties: { name: text, port: { type: 'integer', default: 80 } } } },
    map: { type: 'object', additionalProperties: text },
    inner: { type: 'object', default: {}, properties: { flag: { type: 'boolean', default: true }, ref: { type: 'object', properties: { name: text } } } },
    any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: { type: 'object', properties: {} } } },
    object: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: text } }
  }
}
const filled = { interval: '10s', maybeByDefault: 'a', inner: { flag: true } }

t.test('the stored form: pruned, without null, with defaults', async t => {
  const table: Array<[unknown, unknown]> = [
    [{}, filled],
    [{ interval: '5s', unknown: 1, toString: 1 }, { ...filled, interval: '5s' }],
    [{ interval: null, text: null, maybe: null, maybeByDefault: null, map: { a: null, b: 'x' } }, { ...filled, maybe: null, maybeByDefault: null, map: { b: 'x' } }],
    [{ inner: null }, filled],
    [{ inner: { ref: { name: 'a', unknown: 1 } } }, { ...filled, inner: { flag: true, ref: { name: 'a' } } }],
    [{ list: [{ name: 'a', unknown: 1 }, { port: 1 }, null, 'text'] }, { ...filled, list: [{ name: 'a', port: 80 }, { port: 1 }, null, 'text'] }],
    [{ any: { a: { b: null }, known: { pruned: 1 } }, object: { apiVersion: 'v1', kind: 'A', metadata: { name: 'a' }, spec: 's', other: 1 } },
      { ...filled, any: { a: { b: null }, known: {} }, object: { apiVersion: 'v1', kind: 'A', metadata: { name: 'a' }, spec: 's' } }],
    [{ map: JSON.parse('{"__proto__": "a"}') }, { ...filled, map: JSON.parse('{"__proto__": "a"}') }],
    ['text', 'text'], [null, null], [[1], [1]]
  ]
  for (const [value, stored] of table) t.strictSame(prunedAndFilled(value, schema), stored)
  t.strictSame(prunedAndFilled({ interval: null, text: null, inner: { ref: null } }, schema, { applied: true }),
    { ...filled, text: null, inner: { flag: true, ref: null } }, 'as server-side apply keeps it')
  const byDefault = prunedAndFilled({}, schema) as { inner: object }
  t.not(byDefault.inner, schema.properties.inner.default, 'nobody changes the schema')
})

t.test('unknown fields, with their path and the nearest name', async t => {
  const table: Array<[unknown, string[]]> = [
    [{ intervall: '5s' }, ['unknown field "intervall": did you mean "interval"?']],
    [{ INTERVAL: '5s', tetx: 1, unknown: { a: 1 } }, ['unknown field "INTERVAL": did you mean "interval"?', 'unknown field "tetx": did you mean "text"?', 'unknown field "unknown"']],
    [{ maybeByDefalt: 1, mape: 1, m: 1 }, ['unknown field "maybeByDefalt": did you mean "maybeByDefault"?', 'unknown field "mape": did you mean "map"?', 'unknown field "m"']],
    [{ list: [{}, { nmae: 1 }, 'text'], map: { any: 'a' } }, ['unknown field "list[1].nmae": did you mean "name"?']],
    [{ inner: { ref: { nam: 1, toString: 1 }, rfe: 1 } }, ['unknown field "inner.ref.nam": did you mean "name"?', 'unknown field "inner.ref.toString"', 'unknown field "inner.rfe": did you mean "ref"?']],
    [{ text: { a: 1 } }, ['unknown field "text.a"']],
    [{ any: { a: { b: 1 }, known: { c: 1 } }, object: { apiVersion: 'v1', metadata: { a: 1 }, other: 1 } }, ['unknown field "any.known.c"', 'unknown field "object.other"']],
    [{ [`a\n${'b'.repeat(200)}`]: 1 }, [`unknown field "a\\n${'b'.repeat(98)}…"`]],
    ['text', []], [null, []], [[{ a: 1 }], []]
  ]
  for (const [value, lines] of table) t.strictSame(unknownFields(value, schema), lines)
})

t.test('the fields of every object are known, whatever the definition says', async t => {
  for (const openApi of [{ type: 'object', properties: { spec: { type: 'object' }, metadata: { type: 'object' } } }, { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, undefined]) {
    const object = { apiVersion: 'example.org/v1', kind: 'Thing', metadata: { name: 'a', labels: { a: 'b' }, lables: {} } }
    t.strictSame(unknownFields(object, withObjectFields(openApi)), ['unknown field "metadata.lables": did you mean "labels"?'])
  }
})
