import t from 'tap'
import { ItemsByKey, isContained, lastApplied, mergeKeyOf, project } from '../../src/metacontroller/dynamic-apply.js'

t.test('the merge key of arrays, in the order of preference', async t => {
  const keys = ['containerPort', 'port', 'mountPath', 'name', 'uid', 'ip', 'path']
  for (const [index, key] of keys.entries()) {
    const item = Object.fromEntries(keys.slice(index).map(key => [key, 1]))
    t.equal(mergeKeyOf([item], [item]), key)
  }
  t.equal(mergeKeyOf([{ name: 'a', port: 1 }], [{ name: 'b' }]), 'name', 'one that all items have')
  for (const arrays of [[[]], [[1]], [[{ name: 'a' }, 'x']], [[{ other: 1 }]], [[{ name: 'a' }], [{}]]]) {
    t.equal(mergeKeyOf(...arrays), undefined, JSON.stringify(arrays))
  }
})

t.test('what is contained', async t => {
  const table: Array<[unknown, unknown, boolean]> = [
    [1, 1, true], [1, 2, false], [null, null, true], [null, undefined, false], ['1', 1, false],
    [{}, { a: 1 }, true], [{}, 1, false], [{}, undefined, false], [{ a: undefined }, {}, false],
    [{ a: { b: 1 } }, { a: { b: 1, c: 2 }, d: 3 }, true], [{ a: { b: 1 } }, { a: { b: 2 } }, false],
    [[], [], true], [[], [1], false], [[1, 2], [1, 2], true], [[1, 2], [2, 1], false], [[1], {}, false],
    [[{ x: 1 }], [{ x: 1, y: 2 }], true],
    [[{ name: 'a' }], [{ name: 'b' }, { name: 'a', v: 1 }], true], [[{ name: 'a', v: 1 }], [{ name: 'a' }], false], [[{ name: 'a' }], [{ name: 'b' }], false],
    [[{ port: 80 }], [{ port: '80', name: 'x' }], false], [[{ path: { toString: 1 } }], [{ path: { toString: 1 } }], true], [[{ path: {} }], [{ path: 'x' }], false], [[{ name: 'a' }], [], false],
    [[{ path: { v: 1 } }, { path: { v: 2 } }], [{ path: { v: 2 } }, { path: { v: 1 }, x: 1 }], true], [[{ path: { v: 1 } }], [{ path: { v: 1, w: 1 } }], false],
    [[{ name: { toString: 1 } }], [{ name: 'a' }], false], [[{ name: null }], [{ name: 'null' }], false],
    [JSON.parse('{"constructor": {}}'), {}, false], [JSON.parse('{"__proto__": {}}'), {}, false], [JSON.parse('{"toString": 1}'), {}, false]
  ]
  for (const [part, whole, expected] of table) t.equal(isContained(part, whole), expected, `${JSON.stringify(part)} in ${JSON.stringify(whole)}`)
})

t.test('projection', async t => {
  const table: Array<[unknown, unknown, unknown]> = [
    [{ a: 1, b: 2 }, { a: 3, c: 4 }, { a: 3 }],
    [{ a: { b: 1 } }, { a: 'text' }, { a: 'text' }],
    [{ a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
    [{ a: [1, 2] }, { a: [2, 3] }, { a: [2, 3] }],
    [[{ name: 'a', v: 1 }, { name: 'b' }], [{ name: 'c' }, { name: 'a', v: 2, w: 3 }], [{ name: 'a', v: 2 }]],
    [[{ port: 80 }], [{ port: 80, name: 'http' }], [{ port: 80 }]],
    [[{ name: 'a', v: 1 }, { name: 'b' }, { name: 'a', w: 1 }], [{ name: 'b' }, { name: 'a', v: 2 }, { name: 'a', v: 3, w: 3 }], [{ name: 'a', w: 3 }, { name: 'b' }]]
  ]
  for (const [shape, observed, expected] of table) t.same(project(shape, observed), expected)
  const hostile = JSON.parse('{"__proto__": {"a": 1}}')
  t.same(Object.keys(project(hostile, hostile) as object), ['__proto__'], 'an own key, not a prototype')
})

const itemLike = (item: unknown, key: string, items: unknown[]) => new ItemsByKey(key, items).like(item)

t.test('the item with the same name', async t => {
  const [number, text, last] = [{ port: 80 }, { port: '81' }, { port: 82, v: 2 }]
  const items = [number, text, { port: 82, v: 1 }, last]
  t.equal(itemLike({ port: '80' }, 'port', items), number, 'a number and a text that read the same')
  t.equal(itemLike({ port: 81 }, 'port', items), text)
  t.equal(itemLike({ port: 82 }, 'port', items), last, 'the last of several: the one whose value counts in a container')
  t.equal(itemLike({ port: 8 }, 'port', items), undefined)
  const routes = [{ path: { type: 'Exact', value: '/a' } }, { path: { type: 'Exact', value: '/b' } }]
  t.equal(itemLike({ path: { value: '/a', type: 'Exact' } }, 'path', routes), routes[0], 'a name that is an object')
  t.equal(itemLike({ path: JSON.parse('{"toString": 1}') }, 'path', routes), undefined)
  const odd = [{ name: null }, { name: 'null' }, { name: '{"a":1}' }, { name: { a: 1 } }, { name: ['x'] }, { name: { a: 1, b: [{ c: 2, d: 3 }] } }]
  for (const item of odd) t.equal(itemLike(structuredClone(item), 'name', odd), item)
  t.equal(itemLike({ name: { b: [{ d: 3, c: 2 }], a: 1 } }, 'name', odd), odd[5], 'in whatever order')
  const deep = [{ name: JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) }]
  t.equal(itemLike(deep[0], 'name', deep), undefined, 'what nests deep is no name')
})

t.test('the last applied object', async t => {
  const note = (text: unknown) => lastApplied({ metadata: { annotations: { 'metacontroller.k8s.io/last-applied-configuration': text } } })
  t.same(note('{"a":[1]}'), { a: [1] })
  t.same(note('{}'), {})
  for (const text of [undefined, null, 7, {}, '', ' ', '{', 'null', '1', '"a"', '[]', '[{}]', '{"a":1}x', '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)]) {
    t.equal(note(text), undefined)
  }
  t.equal(Object.hasOwn(note('{"__proto__":{"a":1}}')!, '__proto__'), true)
  for (const metadata of [undefined, null, 'x', {}, { annotations: null }]) t.equal(lastApplied({ metadata }), undefined)
})
