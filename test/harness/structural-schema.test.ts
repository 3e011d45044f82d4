import t from 'tap'
import { structuralProblems } from './structural-schema.js'
import { resourceOf } from './crd.js'

const object = (properties: object, rest = {}) => ({ type: 'object', properties, ...rest })

t.test('every keyword of a structural schema is accepted', async t => {
  const schema = object({
    text: { type: 'string', description: 'A text.', title: 'Text', example: 'a', minLength: 1, maxLength: 10, pattern: '^a', default: 'a', nullable: true, enum: ['a', 'ab'] },
    time: { type: 'string', format: 'date-time' },
    count: { type: 'integer', format: 'int64', minimum: 0, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false, multipleOf: 3, default: 3 },
    ratio: { type: 'number', minimum: 0, maximum: 1 },
    list: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 3, uniqueItems: false, 'x-kubernetes-list-type': 'set', default: ['x'] },
    byName: { type: 'array', items: object({ name: { type: 'string' }, port: { type: 'integer', default: 80 } }, { required: ['name'] }), 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name', 'port'] },
    map: { type: 'object', additionalProperties: { type: 'boolean' }, minProperties: 1, maxProperties: 2, 'x-kubernetes-map-type': 'granular' },
    anything: { 'x-kubernetes-preserve-unknown-fields': true },
    resource: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    amount: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }], pattern: '^\\d+$' },
    either: object({ a: { type: 'string' }, b: { type: 'string' } }, {
      oneOf: [{ required: ['a'] }, { required: ['b'], properties: { b: { minLength: 1 } } }],
      allOf: [{ not: { properties: { a: { enum: ['x'] } } } }],
      'x-kubernetes-validations': [{ rule: 'true', message: 'm', messageExpression: "'m'", reason: 'FieldValueInvalid', fieldPath: '.a', optionalOldSelf: true }]
    })
  }, { required: ['text'], externalDocs: { url: 'http://example.com' } })
  t.same(structuralProblems(schema), [])
})

const refused: Array<[string, object, RegExp]> = [
  ...['$ref', '$schema', 'id', 'definitions', 'dependencies', 'patternProperties', 'additionalItems', 'const', 'if', 'readOnly', 'x-other'].map((word): [string, object, RegExp] =>
    [word, { type: 'string', [word]: {} }, new RegExp(`additional properties: ${word.replace('$', '\\$')}$`, 'm')]),
  ['no type', { description: 'd' }, /a type is required/],
  ['an unknown type', { type: 'null' }, /\/type/],
  ['two types', { type: ['string', 'integer'] }, /\/type/],
  ['an unknown format', { type: 'string', format: 'iban' }, /\/format/],
  ['uniqueItems', { type: 'array', items: { type: 'string' }, uniqueItems: true }, /\/uniqueItems/],
  ['an exclusive bound that is a number', { type: 'integer', exclusiveMinimum: 0 }, /\/exclusiveMinimum/],
  ['a negative length', { type: 'string', maxLength: -1 }, /\/maxLength/],
  ['a multiple of nothing', { type: 'integer', multipleOf: 0 }, /\/multipleOf/],
  ['additionalProperties false', { type: 'object', additionalProperties: false }, /\/additionalProperties/],
  ['both sorts of properties', { type: 'object', properties: {}, additionalProperties: { type: 'string' } }, /exclude each other/],
  ['properties of a string', { type: 'string', properties: {} }, /only an object/],
  ['an array without items', { type: 'array' }, /has items/],
  ['items of an object', { type: 'object', items: { type: 'string' } }, /has items/],
  ['a list of schemas as items', { type: 'array', items: [{ type: 'string' }] }, /\/items/],
  ['an unknown list type', { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'bag' }, /list-type/],
  ['a map without keys', { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'map' }, /list-map-keys/],
  ['a key that can be absent', { type: 'array', items: object({ name: { type: 'string' } }), 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] }, /the key name must be required/],
  ['int-or-string with a type', { type: 'string', 'x-kubernetes-int-or-string': true }, /forbids a type/],
  ['an embedded text', { type: 'string', 'x-kubernetes-embedded-resource': true }, /is an object/],
  ['preserve-unknown-fields false', { type: 'object', 'x-kubernetes-preserve-unknown-fields': false }, /preserve-unknown/],
  ['a rule without a rule', { type: 'string', 'x-kubernetes-validations': [{ message: 'm' }] }, /rule/],
  ['a description in a junctor', { type: 'string', anyOf: [{ description: 'd' }] }, /additional properties: description/],
  ['a default in a junctor', { type: 'string', allOf: [{ default: 'd' }] }, /additional properties: default/],
  ['a type in a junctor', { type: 'string', anyOf: [{ type: 'string' }] }, /a type is forbidden/],
  ['a type deep in a junctor', object({ a: { type: 'string' } }, { not: { properties: { a: { type: 'string' } } } }), /a type is forbidden/],
  ['a property in a junctor only', object({ a: { type: 'string' } }, { oneOf: [{ anyOf: [{ properties: { b: {} } }] }] }), /b must be among the properties outside/],
  ['a property of items in a junctor only', { type: 'array', items: object({}), allOf: [{ items: { properties: { b: {} } } }] }, /b must be among/],
  ['a default that is not valid', { type: 'string', default: 5 }, /must be of type string/],
  ['a default below its bound', { type: 'integer', minimum: 1, default: 0 }, /greater than or equal to 1/],
  ['a default that is null', { type: 'string', default: null }, /the default is null/],
  ...['(?=a)', '(?<!a)', '(a)\\1', '(', '\\k<a>'].map((pattern): [string, object, RegExp] => [`the pattern ${pattern}`, { type: 'string', pattern }, /not a regular expression of Go/]),
  ['a pattern in a junctor', { type: 'string', not: { pattern: '(?=a)' } }, /not a regular expression of Go/]
]

t.test('forbidden schemas are refused, with the path', async t => {
  for (const [what, schema, problem] of refused) {
    for (const [around, path] of [[(inner: object) => object({ a: inner }), /^\/properties\/a/], [(inner: object) => ({ type: 'array', items: inner }), /^\/items/], [(inner: object) => ({ type: 'object', additionalProperties: inner }), /^\/additionalProperties/]] as const) {
      const problems = structuralProblems(around(schema))
      t.match(problems.join('\n'), problem, what)
      t.match(problems.join('\n'), path, `${what}: its path`)
    }
  }
  t.match(structuralProblems(object({ metadata: object({ labels: { type: 'object' } }) })), [/only name and generateName can be restricted, not labels/])
})

t.test('the API server refuses such a definition', async t => {
  const crd = (openAPIV3Schema: object) => ({ spec: { group: 'example.com', scope: 'Namespaced', names: { kind: 'Thing', plural: 'things' }, versions: [{ name: 'v1', storage: true, schema: { openAPIV3Schema } }] } })
  t.equal(resourceOf(crd(object({}))).kind, 'Thing')
  t.throws(() => resourceOf(crd({ properties: {} })), { message: /^the schema of things is not structural: : a type is required/ })
})
