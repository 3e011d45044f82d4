import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import fc from 'fast-check'
import t from 'tap'
import { checkSchema, quote, under } from '../../src/kubernetes/field-error.js'
import { anyJson, deepJson } from './any-json.js'

const schema = TypeCompiler.Compile(Type.Object({
  name: Type.String({ maxLength: 3 }),
  amount: Type.Optional(Type.Union([Type.Integer(), Type.String()], { 'x-kubernetes-int-or-string': true })),
  map: Type.Optional(Type.Record(Type.String(), Type.Array(Type.String())))
}))

const check = (value: unknown, root = '') => checkSchema(schema, value, root, Infinity).map(({ path, message }) => `${path}: ${message}`)

t.test('the path, the expected value and the value received', async t => {
  t.same(check({ name: 'a' }), [])
  t.same(check({}), ['name: required'])
  t.same(check(7, 'spec'), ['spec: expected object, got 7'])
  t.same(check(undefined), ['body: required'])
  t.same(check(null), ['body: expected object, got null'])
  t.same(check({ name: true }, 'spec'), ['spec.name: expected string, got true'])
  t.same(check({ name: 'abcd' }), ['name: expected string length less or equal to 3, got "abcd"'])
  t.same(check({ name: {}, amount: 0.5 }), ['name: expected string, got an object', 'amount: expected an integer or a string, got 0.5'])
  t.same(check({ name: 'a', map: { 'a/b~c.d': ['x', ['y']] } }, 'spec'), ['spec.map["a/b~c.d"].1: expected string, got an array'])
})

t.test('one error for each field: the first', async t => {
  const code = TypeCompiler.Compile(Type.Object({ code: Type.String({ minLength: 3, pattern: '^a' }) }))
  t.same(checkSchema(code, { code: 'b' }, '', 9), [{ path: 'code', message: 'expected string length greater or equal to 3, got "b"' }])
})

t.test('no more errors than asked for', async t => {
  t.equal(checkSchema(schema, { name: 1, amount: true }, '', 1).length, 1)
})

t.test('long texts are cut, and stay on one line', async t => {
  t.equal(quote('a\n"b"'), '"a\\n\\"b\\""')
  t.equal(quote('x'.repeat(101)), `"${'x'.repeat(100)}…"`)
  t.same(under('spec.sink', [{ path: '', message: 'a' }, { path: 'uri', message: 'b' }]), [{ path: 'spec.sink', message: 'a' }, { path: 'spec.sink.uri', message: 'b' }])
})

t.test('paths', async t => {
  const table: Array<[string, string]> = [
    ['a', 'map.a'], ['a_1', 'map.a_1'], ['7', 'map.7'], ['a.b', 'map["a.b"]'], ['a/b', 'map["a/b"]'], ['~1', 'map["~1"]'], ['a~0b', 'map["a~0b"]'],
    ['', 'map[""]'], ['ä', 'map["ä"]'], ['a\t"', 'map["a\\t\\""]'], ['__proto__', 'map.__proto__'], ['x'.repeat(100), `map.${'x'.repeat(100)}`], ['x'.repeat(101), `map["${'x'.repeat(100)}…"]`], ['-'.repeat(101), `map["${'-'.repeat(100)}…"]`]
  ]
  for (const [key, path] of table) {
    const value = JSON.parse(`{"name": "a", "map": {${JSON.stringify(key)}: 1}}`)
    t.same(checkSchema(schema, value, '', 9).map(error => error.path), [path], path)
    t.same(checkSchema(schema, value, 'spec', 9).map(error => error.path), [`spec.${path}`])
  }
})

t.test('any JSON can be checked', async t => {
  fc.assert(fc.property(anyJson, value => {
    const errors = checkSchema(schema, value, 'spec', 3)
    return errors.length <= 3 && (errors.length === 0) === schema.Check(value) && errors.every(({ path, message }) => path.startsWith('spec') && !/[\n\r]/.test(path + message))
  }))
  for (const deep of deepJson) t.not(check({ name: deep, amount: deep, map: deep }).length, 0)
})
