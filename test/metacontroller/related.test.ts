import t from 'tap'
import { canRelateOtherNamespaces, findObject, relatedObjects } from '../../src/metacontroller/related.js'

const inNamespace = (namespace: string) => ({ metadata: { name: 'a', namespace } })

t.test('related objects are found by their own name and namespace', async t => {
  const objects = [inNamespace('one'), inNamespace('two'), {}]
  t.equal(findObject(objects, 'two', 'a'), objects[1])
  t.equal(findObject(objects, 'three', 'a'), undefined)
  t.equal(findObject(objects, 'two', 'b'), undefined)
})

t.test('a group that was not requested differs from an empty one', async t => {
  const group = { 'one/a': inNamespace('one'), odd: null, other: 7 }
  t.same(relatedObjects({ 'ConfigMap.v1': group }, 'v1', 'ConfigMap'), [inNamespace('one')])
  t.same(relatedObjects({ 'ConfigMap.v1': {} }, 'v1', 'ConfigMap'), [])
  for (const related of [undefined, null, {}, [], 'x', { 'ConfigMap.v1': null }, { 'Secret.v1': {} }]) t.equal(relatedObjects(related, 'v1', 'ConfigMap'), undefined)
})

t.test('only version v2 of the customize hook sees other namespaces', async t => {
  const controller = (customize: unknown) => ({ spec: { hooks: { customize } } })
  t.equal(canRelateOtherNamespaces(controller({ version: 'v2' })), true)
  for (const odd of [controller({ version: 'v1' }), controller({}), controller(undefined), {}, null, undefined]) t.equal(canRelateOtherNamespaces(odd), false)
})
