import t from 'tap'
import { isContained, mergeKeyOf, project } from '../../src/metacontroller/dynamic-apply.js'

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
    [[{ port: 80 }], [{ port: '80', name: 'x' }], false], [[{ name: 'a' }], [], false]
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
    [[{ port: 80 }], [{ port: 80, name: 'http' }], [{ port: 80 }]]
  ]
  for (const [shape, observed, expected] of table) t.same(project(shape, observed), expected)
  const hostile = JSON.parse('{"__proto__": {"a": 1}}')
  t.same(Object.keys(project(hostile, hostile) as object), ['__proto__'], 'an own key, not a prototype')
})
