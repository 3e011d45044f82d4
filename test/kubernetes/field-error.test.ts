import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import t from 'tap'
import { checkSchema, quote, under } from '../../src/kubernetes/field-error.js'

const schema = TypeCompiler.Compile(Type.Object({
  name: Type.String({ maxLength: 3 }),
  amount: Type.Optional(Type.Union([Type.Integer(), Type.String()], { 'x-kubernetes-int-or-string': true })),
  map: Type.Optional(Type.Record(Type.String(), Type.Array(Type.String())))
}))

const check = (value: unknown, root = '') => checkSchema(schema, value, root, Infinity).map(({ path, message }) => `${path}: ${message}`)

t.test('where, what was expected, what came', async t => {
  t.same(check({ name: 'a' }), [])
  t.same(check({}), ['name: required'])
  t.same(check(7, 'spec'), ['spec: expected object, got 7'])
  t.same(check(undefined), ['body: required'])
  t.same(check(null), ['body: expected object, got null'])
  t.same(check({ name: true }, 'spec'), ['spec.name: expected boolean, got true'.replace('boolean', 'string')])
  t.same(check({ name: 'abcd' }), ['name: expected string length less or equal to 3, got "abcd"'])
  t.same(check({ name: {}, amount: 0.5 }), ['name: expected string, got an object', 'amount: expected an integer or a string, got 0.5'])
  t.same(check({ name: 'a', map: { 'a/b~c.d': ['x', ['y']] } }, 'spec'), ['spec.map["a/b~c.d"].1: expected string, got an array'])
})

t.test('no more errors than asked for', async t => {
  t.equal(checkSchema(schema, { name: 1, amount: true }, '', 1).length, 1)
})

t.test('long texts are cut, and stay on one line', async t => {
  t.equal(quote('a\n"b"'), '"a\\n\\"b\\""')
  t.equal(quote('x'.repeat(101)), `"${'x'.repeat(100)}…"`)
  t.same(under('spec.sink', [{ path: '', message: 'a' }, { path: 'uri', message: 'b' }]), [{ path: 'spec.sink', message: 'a' }, { path: 'spec.sink.uri', message: 'b' }])
})
