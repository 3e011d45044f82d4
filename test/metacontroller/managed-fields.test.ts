import { deepStrictEqual, throws } from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { blankUnreadManagedFields } from '../../src/metacontroller/managed-fields.js'
import { appliedFields } from '../../src/metacontroller/server-side-apply.js'
import { readRequest } from '../widget/widget.js'
import { anyJson } from '../kubernetes/any-json.js'
import { runs } from '../soak.js'

const update = { operation: 'Update', fieldsV1: { 'f:metadata': { 'f:ownerReferences': {} } } }
const apply = { ...update, operation: 'Apply' }

/** The JSON after blanking. */
function blanked (json: string): string {
  const body = Buffer.from(json)
  blankUnreadManagedFields(body)
  return body.toString()
}

/** The length of JSON without its spaces. */
function weight (json: string): number {
  return json.replaceAll(' ', '').length
}

t.test('unused managed fields are blanked, and nothing else', async t => {
  const table: Array<[name: string, json: string, ...blanked: string[]]> = [
    ['none', '{"metadata":{"name":"a"}}'],
    ['of an update', '{"generation":1,"managedFields":[{"operation":"Update"}],"name":"a"}', '{"operation":"Update"}'],
    ['of several updates', '[1,"managedFields":[{"a":1},{"a":2}],2,"managedFields":[{"a":3}]]', '{"a":1},{"a":2}', '{"a":3}'],
    ['at the end', '[1,"managedFields":[{"a":1}]', '{"a":1}'],
    ['brackets and quotation marks in strings', String.raw`{"a":1,"managedFields":[{"k:{\"name\":\"]\"}":{},"v:\"\\":"]}","\\\\":1,"\\\\\"]":2}],"b":"\"]"}`, String.raw`{"k:{\"name\":\"]\"}":{},"v:\"\\":"]}","\\\\":1,"\\\\\"]":2}`],
    ['arrays inside', '{"a":1,"managedFields":[{"a":[[1],[2]]},[3]],"b":[4]}', '{"a":[[1],[2]]},[3]'],
    ['other characters', '{"a":"€","managedFields":[{"f:€":"€"}],"b":"€"}', '{"f:€":"€"}'],
    ['of an apply', '{"a":1,"managedFields":[{"operation":"Apply"}]}'],
    ['of an apply that is written otherwise', String.raw`{"a":1,"managedFields":[{"operation":"\u0041pply"}]}`],
    ['of an update, then of an apply, then of an update', '[1,"managedFields":[{"a":1}],"managedFields":[{"a":"Apply"}],"managedFields":[{"a":2}],"Apply"]', '{"a":1}', '{"a":2}'],
    ['in a string', String.raw`{"a":",\"managedFields\":[{]"}`],
    ['a key that ends so', String.raw`{"a":1,"\"managedFields":[{}]}`],
    ['no entries', '{"a":1,"managedFields":[],"managedFields":{"b":[]}}'],
    ['an array without an end', '{"a":1,"managedFields":[{"a":[]}'],
    ['a string without an end', String.raw`{"a":1,"managedFields":[{"a\"]}`],
    ['an end after a backslash', '{"a":1,"managedFields":[{"a\\'],
    ['others a few characters away', `{"a":1,"managedFields":[{"a":1}],"b":"${'b'.repeat(60_000)}","managedFields":[{"a":2}]`, '{"a":1}', '{"a":2}'],
    ['others too far away to look for them', `{"a":1,"managedFields":[{"a":1}],"b":"${'b'.repeat(70_000)}","managedFields":[{"a":2}]`, '{"a":1}']
  ]
  for (const [name, json, ...parts] of table) {
    t.equal(blanked(json), parts.reduce((json, part) => json.replace(part, ' '.repeat(Buffer.byteLength(part))), json), name)
  }
})

t.test('a quarter or more of Metacontroller\'s requests is blanked', async t => {
  for (const name of ['create', 'ready', 'invalid-spec']) {
    const json = JSON.stringify(readRequest(name))
    t.ok(weight(blanked(json)) < 0.75 * weight(json), name)
  }
})

/** Managed fields and similar values, among others. */
const { any: anyWithManagedFields } = fc.letrec<{ any: unknown }>(tie => ({
  any: fc.oneof({ depthSize: 'small', withCrossShrink: true },
    anyJson,
    fc.constantFrom('Apply', '"', '\\', '\\"', ']', ',"managedFields":[{', '€', '\u2028'),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.record({ generation: tie('any'), managedFields: fc.array(fc.oneof(fc.constantFrom<unknown>(update, apply), tie('any')), { maxLength: 3 }), name: tie('any') }),
    fc.dictionary(fc.constantFrom('managedFields', '"managedFields', ',"managedFields', 'metadata', '"', '\\', ']', 'k:{"name":"]"}'), tie('any'), { maxKeys: 4 }))
}))

/** The value of JSON without the parts that may be blanked. */
function parseWithout (json: string): unknown {
  return JSON.parse(json, (key, value) => key === 'managedFields' && Array.isArray(value) && !JSON.stringify(value).includes('Apply') ? [] : value)
}

t.test('the value is the same except for updates, and so are the fields that the hook reads', async t => {
  fc.assert(fc.property(anyWithManagedFields, value => {
    const json = JSON.stringify(value)
    deepStrictEqual(parseWithout(blanked(json)), parseWithout(json))
  }), { numRuns: runs(2000) })
  fc.assert(fc.property(fc.array(fc.oneof(fc.constantFrom<unknown>(update, apply), anyWithManagedFields), { maxLength: 3 }), entries => {
    const json = JSON.stringify({ metadata: { generation: 1, managedFields: entries } })
    deepStrictEqual(appliedFields(JSON.parse(blanked(json))), appliedFields(JSON.parse(json)))
  }), { numRuns: runs(1000) })
})

t.test('JSON that is cut short stays invalid', async t => {
  fc.assert(fc.property(anyWithManagedFields.map(value => JSON.stringify({ value })), fc.nat(), (json, at) => {
    throws(() => JSON.parse(blanked(json.slice(0, at % json.length))))
  }), { numRuns: runs(1000) })
})
