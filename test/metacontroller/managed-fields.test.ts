import { deepStrictEqual, throws } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { withoutUnreadManagedFields } from '../../src/metacontroller/managed-fields.js'
import { appliedFields } from '../../src/metacontroller/server-side-apply.js'
import { readFixtures } from '../fixtures.js'
import { anyJson } from '../kubernetes/any-json.js'

const update = { operation: 'Update', fieldsV1: { 'f:metadata': { 'f:ownerReferences': {} } } }
const apply = { ...update, operation: 'Apply' }

t.test('managed fields that nobody reads are left out, and nothing else', async t => {
  const table: Array<[string, string, string]> = [
    ['none', '{"metadata":{"name":"a"}}', '{"metadata":{"name":"a"}}'],
    ['of an update', '{"generation":1,"managedFields":[{"operation":"Update"}],"name":"a"}', '{"generation":1,"managedFields":[],"name":"a"}'],
    ['of several updates', '[1,"managedFields":[{"a":1},{"a":2}],2,"managedFields":[{"a":3}]]', '[1,"managedFields":[],2,"managedFields":[]]'],
    ['brackets and quotation marks in strings', String.raw`{"a":1,"managedFields":[{"k:{\"name\":\"]\"}":{},"v:\"\\":"]}","\\\\":1,"\\\\\"]":2}],"b":"\"]"}`, String.raw`{"a":1,"managedFields":[],"b":"\"]"}`],
    ['arrays inside', '{"a":1,"managedFields":[{"a":[[1],[2]]},[3]],"b":[4]}', '{"a":1,"managedFields":[],"b":[4]}'],
    ['of an apply', '{"a":1,"managedFields":[{"operation":"Apply"}]}', '{"a":1,"managedFields":[{"operation":"Apply"}]}'],
    ['of an apply that is written otherwise', String.raw`{"a":1,"managedFields":[{"operation":"\u0041pply"}]}`, String.raw`{"a":1,"managedFields":[{"operation":"\u0041pply"}]}`],
    ['of an update, then of an apply, then of an update', '[1,"managedFields":[{"a":1}],"managedFields":[{"a":"Apply"}],"managedFields":[{"a":2}],"Apply"]', '[1,"managedFields":[],"managedFields":[{"a":"Apply"}],"managedFields":[],"Apply"]'],
    ['in a string', String.raw`{"a":",\"managedFields\":[{]"}`, String.raw`{"a":",\"managedFields\":[{]"}`],
    ['a key that ends so', String.raw`{"a":1,"\"managedFields":[{}]}`, String.raw`{"a":1,"\"managedFields":[{}]}`],
    ['no entries', '{"a":1,"managedFields":[],"managedFields":{"b":[]}}', '{"a":1,"managedFields":[],"managedFields":{"b":[]}}'],
    ['an array without an end', '{"a":1,"managedFields":[{"a":[]}', '{"a":1,"managedFields":['],
    ['a string without an end', String.raw`{"a":1,"managedFields":[{"a\"]}`, '{"a":1,"managedFields":[']
  ]
  for (const [name, json, expected] of table) t.equal(withoutUnreadManagedFields(json), expected, name)
})

t.test('of the fixtures, a quarter and more is left out', async t => {
  for (const { name, request } of readFixtures()) {
    const json = JSON.stringify(request)
    const left = withoutUnreadManagedFields(json)
    t.ok(left.length < 0.75 * json.length, `${name}: ${json.length} → ${left.length}`)
  }
})

/** Managed fields and what looks like them, among other things. */
const { any: anyWithManagedFields } = fc.letrec<{ any: unknown }>(tie => ({
  any: fc.oneof({ depthSize: 'small', withCrossShrink: true },
    anyJson,
    fc.constantFrom('Apply', '"', '\\', '\\"', ']', ',"managedFields":[{', '€', '\u2028'),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.record({ generation: tie('any'), managedFields: fc.array(fc.oneof(fc.constantFrom<unknown>(update, apply), tie('any')), { maxLength: 3 }), name: tie('any') }),
    fc.dictionary(fc.constantFrom('managedFields', '"managedFields', ',"managedFields', 'metadata', '"', '\\', ']', 'k:{"name":"]"}'), tie('any'), { maxKeys: 4 }))
}))

/** The value of JSON, without what may have been left out of it. */
function parseWithout (json: string): unknown {
  return JSON.parse(json, (key, value) => key === 'managedFields' && Array.isArray(value) && !JSON.stringify(value).includes('Apply') ? [] : value)
}

t.test('the value is the same but for updates, and so is what is read of it', async t => {
  fc.assert(fc.property(anyWithManagedFields, value => {
    const json = JSON.stringify(value)
    const left = withoutUnreadManagedFields(json)
    deepStrictEqual(parseWithout(left), parseWithout(json))
  }), { numRuns: 2000 })
  fc.assert(fc.property(fc.array(fc.oneof(fc.constantFrom<unknown>(update, apply), anyWithManagedFields), { maxLength: 3 }), entries => {
    const json = JSON.stringify({ metadata: { generation: 1, managedFields: entries } })
    deepStrictEqual(appliedFields(JSON.parse(withoutUnreadManagedFields(json))), appliedFields(JSON.parse(json)))
  }), { numRuns: 1000 })
})

t.test('JSON that is cut short stays what it is: none', async t => {
  fc.assert(fc.property(anyWithManagedFields.map(value => JSON.stringify({ value })), fc.nat(), (json, at) => {
    throws(() => JSON.parse(withoutUnreadManagedFields(json.slice(0, at % json.length))))
  }), { numRuns: 1000 })
})
