import t from 'tap'
import { applyUpdate, lastAppliedAnnotation, merge } from './dynamic-apply.js'
import { equal, goJson } from './json.js'

t.test('objects: desired fields are set, fields that were applied and are no longer desired are removed, the rest stays', async t => {
  t.same(
    merge({ mine: 1, gone: 2, theirs: 3 }, { mine: 0, gone: 2 }, { mine: 5, added: 6 }),
    { mine: 5, theirs: 3, added: 6 }
  )
  t.same(merge({ inner: { a: 1, b: 2 } }, { inner: { a: 1 } }, { inner: {} }), { inner: { b: 2 } })
  t.same(merge({ inner: { a: 1, b: 2 } }, { inner: { a: 1, b: 2 } }, {}), {}, 'with everything in it')
  t.same(merge({ a: 1 }, undefined, { a: null }), { a: null }, 'null is a value')
  t.same(merge({ a: { b: 1 } }, { a: { b: 1 } }, { a: 'text' }), { a: {} }, 'an object never becomes another type')
  t.same(merge({ a: 'text' }, {}, { a: { b: 1 } }), { a: { b: 1 } })
})

const keys = ['containerPort', 'port', 'mountPath', 'name', 'uid', 'ip', 'path']

for (const key of keys) {
  t.test(`arrays of objects that all have ${key} are merged by it`, async t => {
    const item = (id: string, value?: number) => ({ [key]: id, ...(value !== undefined && { value }) })
    t.same(
      merge([item('theirs', 1), item('gone', 2), item('mine', 3)], [item('gone', 2), item('mine', 3)], [item('mine', 4), item('added', 5)]),
      [item('theirs', 1), item('mine', 4), item('added', 5)],
      'observed items keep their order, and new ones come after them'
    )
  })
}

t.test('the first key that all items have is used', async t => {
  for (const [index, first] of keys.entries()) {
    for (const second of keys.slice(index + 1)) {
      t.same(
        merge([{ [first]: 1, [second]: 'a' }], [], [{ [first]: 1, [second]: 'b' }]),
        [{ [first]: 1, [second]: 'b' }],
        `${first} before ${second}`
      )
    }
  }
  t.same(
    merge([{ containerPort: 80, name: 'http' }], [], [{ name: 'http', protocol: 'TCP' }]),
    [{ containerPort: 80, name: 'http', protocol: 'TCP' }],
    'a key that one item lacks does not count'
  )
})

t.test('a key can be a number', async t => {
  t.same(merge([{ containerPort: 80, name: 'a' }], [], [{ containerPort: 80, name: 'b' }]), [{ containerPort: 80, name: 'b' }])
})

t.test('all other arrays are replaced', async t => {
  t.same(merge(['a', 'b'], ['a'], ['c']), ['c'])
  t.same(merge([{ key: 'a' }], [], [{ key: 'b' }]), [{ key: 'b' }], 'of objects without a known key')
  t.same(merge([{ name: 'a' }], [], ['b']), ['b'], 'of objects and others')
  t.same(merge([], [], [{ name: 'b' }]), [{ name: 'b' }])
  t.same(merge([{ name: 'a', value: '1' }], [{ key: 'x' }], [{ name: 'a' }]), [{ name: 'a' }], 'if the last applied array has no common key')
})

t.test('an array that is no longer desired loses the applied items', async t => {
  t.same(merge({ env: [{ name: 'A' }, { name: 'K_SINK' }] }, { env: [{ name: 'A' }] }, { env: [] }), { env: [{ name: 'K_SINK' }] })
  t.same(merge({ env: [{ name: 'A' }, { name: 'K_SINK' }] }, { env: [{ name: 'A' }] }, {}), {}, 'an array without a key is removed')
})

const observed = {
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: {
    name: 'thing',
    uid: '1',
    resourceVersion: '5',
    generation: 2,
    creationTimestamp: '2026-01-01T00:00:00Z',
    annotations: { theirs: 'x', [lastAppliedAnnotation]: '{"kind":"Thing","spec":{"a":1,"b":2}}' },
    managedFields: [{ manager: 'm' }]
  },
  spec: { a: 1, b: 2, c: 3 },
  status: { fine: true }
}

t.test('an update keeps the system fields, and records the desired object', async t => {
  const desired = { kind: 'Thing', metadata: { uid: '7', resourceVersion: '9', labels: { mine: 'y' } }, spec: { a: 1 }, status: { fine: false } }
  const update = applyUpdate(observed, desired)
  t.same(update, {
    ...observed,
    metadata: {
      ...observed.metadata,
      labels: { mine: 'y' },
      annotations: { theirs: 'x', [lastAppliedAnnotation]: goJson(desired) }
    },
    spec: { a: 1, c: 3 }
  })
})

t.test('an update that changes nothing is equal to the observed object', async t => {
  t.equal(equal(applyUpdate(observed, { kind: 'Thing', metadata: {}, spec: { b: 2, a: 1 } }), observed), false, 'the annotation records the desired metadata')
  const again = { ...observed, metadata: { ...observed.metadata, annotations: { [lastAppliedAnnotation]: '{"kind":"Thing","metadata":{},"spec":{"a":1,"b":2}}' } } }
  t.equal(equal(applyUpdate(again, { kind: 'Thing', metadata: {}, spec: { b: 2, a: 1 } }), again), true, 'in any order of the keys')
})

t.test('an empty value that the API server drops is an update at every sync', async t => {
  const last = '{"metadata":{},"spec":{"env":[{"name":"A","value":""}]}}'
  const stored = { metadata: { annotations: { [lastAppliedAnnotation]: last } }, spec: { env: [{ name: 'A' }] } }
  t.notOk(equal(applyUpdate(stored, { metadata: {}, spec: { env: [{ name: 'A', value: '' }] } }), stored))
})

t.test('without the annotation nothing is removed, and a broken annotation is an error', async t => {
  const bare = { metadata: {}, spec: { a: 1, b: 2 } }
  t.match(applyUpdate(bare, { metadata: {}, spec: { a: 3 } }), { spec: { a: 3, b: 2 } })
  for (const annotation of ['{', '[]', '"text"']) {
    const broken = { metadata: { annotations: { [lastAppliedAnnotation]: annotation } } }
    t.throws(() => applyUpdate(broken, { metadata: {} }), { message: /^can't unmarshal "metacontroller.k8s.io\/last-applied-configuration" annotation/ })
  }
})

t.test('a hook does not set the annotation itself', async t => {
  const update = applyUpdate({ metadata: {} }, { metadata: { annotations: { [lastAppliedAnnotation]: 'mine', other: 'x' } } })
  t.same(update.metadata, { annotations: { other: 'x', [lastAppliedAnnotation]: '{"metadata":{"annotations":{"other":"x"}}}' } })
})

t.test('the annotation is written as Go writes JSON', async t => {
  t.equal(goJson({ b: [{ d: 1, c: '<&>' }], a: null }), '{"a":null,"b":[{"c":"\\u003c\\u0026\\u003e","d":1}]}')
})
