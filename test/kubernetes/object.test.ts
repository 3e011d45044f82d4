import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { arrayAt, isDeeperThan, isEqual, isObject, stringAt, valueAt } from '../../src/kubernetes/object.js'
import { anyJson, deepJson } from './any-json.js'

t.test('values at a path', async t => {
  const object = { a: { b: ['c'], empty: '', zero: 0 }, n: null }
  t.equal(valueAt(object), object)
  t.same(valueAt(object, 'a', 'b'), ['c'])
  t.equal(valueAt(object, 'a', 'b', '0'), undefined, 'arrays are not walked')
  t.equal(valueAt(object, 'n', 'x'), undefined)
  t.equal(valueAt(object, 'constructor'), undefined, 'own properties only')
  t.equal(valueAt(undefined, 'a'), undefined)
  t.equal(stringAt(object, 'a', 'empty'), undefined)
  t.equal(stringAt(object, 'a', 'zero'), undefined)
  t.equal(stringAt({ s: 'x' }, 's'), 'x')
  t.same(arrayAt(object, 'a', 'b'), ['c'])
  t.same(arrayAt(object, 'a'), [])
  t.same([{}, [], null, 'x', 1].map(isObject), [true, false, false, false, false])
})

t.test('depth', async t => {
  t.equal(isDeeperThan(0, 1), false)
  t.equal(isDeeperThan(0, {}), true)
  t.equal(isDeeperThan(2, { a: [1] }), false)
  t.equal(isDeeperThan(2, { a: [{}] }), true)
  t.equal(isDeeperThan(100, JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)), true, 'however deep')
})

t.test('the same', async t => {
  const value = { a: [1, 'x', null], b: { c: true } }
  t.equal(isEqual(value, { b: { c: true }, a: [1, 'x', null] }), true)
  const others: unknown[] = [{ ...value, d: 1 }, { a: value.a }, { ...value, a: [1, 'x'] }, { ...value, a: ['x', 1, null] }, { ...value, b: [] }, { a: value.a, constructor: value.b }, null, [value]]
  for (const other of others) t.same([isEqual(value, other), isEqual(other, value)], [false, false], JSON.stringify(other))
  fc.assert(fc.property(anyJson, anyJson, (one, other) => isEqual(one, structuredClone(one)) && isEqual(one, other) === isDeepStrictEqual(one, other)))
})

t.test('any JSON can be read', async t => {
  fc.assert(fc.property(anyJson, fc.array(fc.string(), { maxLength: 4 }), (value, path) => {
    const found = stringAt(value, ...path)
    return Array.isArray(arrayAt(value, ...path)) && (found === undefined || found === valueAt(value, ...path)) && typeof isDeeperThan(3, value) === 'boolean'
  }))
  for (const deep of deepJson) {
    t.equal(isDeeperThan(1000, deep), true)
    t.equal(valueAt(deep, 'constructor', 'name'), undefined)
  }
  t.equal(valueAt(JSON.parse('{"__proto__": {"name": "own"}}'), '__proto__', 'name'), 'own')
  t.equal(valueAt({}, '__proto__'), undefined)
})
