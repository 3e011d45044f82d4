import t from 'tap'
import { isDnsSubdomain } from '../../src/kubernetes/names.js'
import { arrayAt, isDeeperThan, isObject, stringAt, valueAt } from '../../src/kubernetes/object.js'

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

t.test('DNS subdomain names', async t => {
  for (const name of ['a', 'a-b.c', '0', 'a'.repeat(253)]) t.equal(isDnsSubdomain(name), true, name)
  for (const name of ['', 'A', '-a', 'a-', 'a..b', 'a_b', 'a.', 'a'.repeat(254), 'a\n']) t.equal(isDnsSubdomain(name), false, name)
})
