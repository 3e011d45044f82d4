import fc from 'fast-check'
import t from 'tap'
import { answerFor, compareChild, findChild, isBeingDeleted, keepAsItIs } from '../../src/metacontroller/children.js'
import { readFixture } from '../fixtures.js'
import { applyUpdate, lastAppliedAnnotation, toGoJson } from './apply-update.js'

const { request, response } = readFixture('ready')
const [observed] = Object.values<any>(request.children['Deployment.apps/v1'])
const [desired] = response.children

/** The desired child as Metacontroller applies it: with the label by which it finds it again. */
const sent = change(desired, child => { child.metadata.labels['controller-uid'] = request.parent.metadata.uid })

/** A change to a copy of an object. */
function change (object: any, edit: (copy: any) => void): any {
  const copy = structuredClone(object)
  edit(copy)
  return copy
}

const container = (deployment: any) => deployment.spec.template.spec.containers[0]

t.test('children are found by what they are and by their own name', async t => {
  const child = { metadata: { name: 'a' } }
  for (const key of ['a', 'n/a', 'anything']) t.equal(findChild({ 'Deployment.apps/v1': { [key]: child } }, 'apps/v1', 'Deployment', 'a'), child)
  t.equal(findChild({ 'Deployment.apps/v1': { a: {}, b: { metadata: null } } }, 'apps/v1', 'Deployment', 'a'), undefined)
  t.equal(findChild({ 'Deployment.apps/v1beta1': { a: child } }, 'apps/v1', 'Deployment', 'a'), undefined)
  t.equal(findChild({}, 'apps/v1', 'Deployment', 'a'), undefined)
})

t.test('an object on its way out', async t => {
  t.equal(isBeingDeleted({ metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }), true)
  for (const metadata of [{}, { deletionTimestamp: null }, undefined]) t.equal(isBeingDeleted({ metadata }), false)
})

t.test('a child is outdated when applying the desired object would change it', async t => {
  const table: Array<[string, (child: any) => void, boolean]> = [
    ['as applied', () => {}, false],
    ['a sidecar, an env var, an annotation of others', child => {
      child.spec.template.spec.containers.push({ name: 'sidecar', image: 'x' })
      container(child).env.push({ name: 'OURS_NOT', value: 'x' })
      child.metadata.annotations['a'] = 'b'
      child.metadata.labels['a'] = 'b'
    }, false],
    ['env vars in another order', child => container(child).env.reverse(), false],
    ['scaled', child => { child.spec.replicas = 3 }, true],
    ['our env var is gone', child => container(child).env.shift(), true],
    ['our env var has another value', child => { container(child).env[1].value = '1s' }, true],
    ['our label is gone', child => { delete child.metadata.labels['knative-eventing-source'] }, true],
    ['an array that is replaced as a whole', child => container(child).securityContext.capabilities.drop.push('X'), true],
    ['no spec', child => { delete child.spec }, true]
  ]
  for (const [name, edit, outdated] of table) {
    const child = change(observed, edit)
    t.equal(compareChild(child, desired).outdated, outdated, name)
    t.equal(toGoJson(applyUpdate(child, sent)) !== toGoJson(child), outdated, `${name}: so says dynamic apply`)
  }
})

t.test('a child is outdated when what was applied before is desired no longer', async t => {
  const lessDesired = change(desired, child => { delete container(child).resources.limits })
  t.equal(compareChild(observed, lessDesired).outdated, true)
  const lessEnv = change(desired, child => { container(child).env.pop() })
  t.equal(compareChild(observed, lessEnv).outdated, true)
})

t.test('nothing to compare is not outdated', async t => {
  t.equal(compareChild(undefined, desired).outdated, false)
  t.equal(compareChild(observed, undefined).outdated, false)
})

t.test('a kept child is what was applied: applying it changes nothing', async t => {
  const kept = keepAsItIs(observed)
  t.equal(toGoJson(applyUpdate(observed, kept)), toGoJson(observed))
})

t.test('a kept child that somebody has changed stays changed', async t => {
  const scaled = change(observed, child => {
    child.spec.replicas = 3
    container(child).env.splice(1, 1)
    delete container(child).image
    child.spec.template.spec.containers.push({ name: 'sidecar' })
  })
  const after = applyUpdate(scaled, keepAsItIs(scaled))
  t.same(after.spec, scaled.spec)
  t.equal(toGoJson(applyUpdate(after, keepAsItIs(after))), toGoJson(after), 'only the annotation is written, and once')
})

t.test('a child of which nothing is known is only named', async t => {
  const identity = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }
  for (const annotation of [undefined, '', '{', '[]', 'null', `{"a":${'['.repeat(200)}${']'.repeat(200)}}`]) {
    t.same(keepAsItIs({ ...identity, metadata: { name: 'a', annotations: { [lastAppliedAnnotation]: annotation } }, data: {} }), identity)
  }
  t.equal(keepAsItIs({}), undefined)
  t.equal(keepAsItIs({ apiVersion: 'v1', kind: 'ConfigMap', metadata: {} }), undefined)
})

const scalar = fc.constantFrom<unknown>('a', 'b', 1, 2, true, null)
const named = (value: fc.Arbitrary<unknown>) => fc.uniqueArray(fc.record({ name: fc.constantFrom('x', 'y', 'z'), value }, { requiredKeys: ['name'] }), { selector: ({ name }) => name })
const { tree } = fc.letrec(tie => ({
  tree: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, fc.array(scalar, { maxLength: 3 }), named(tie('tree')),
    fc.dictionary(fc.constantFrom('p', 'q', 'r'), tie('tree'), { maxKeys: 3 }))
}))
const spec = fc.dictionary(fc.constantFrom('p', 'q', 'r', 's'), tree)

const identity = { apiVersion: 'v1', kind: 'K' }

t.test('property: keeping a child leaves all but the annotation as it is, whatever was applied', async t => {
  fc.assert(fc.property(spec, spec, (observedSpec, appliedSpec) => {
    const applied = { ...identity, metadata: { name: 'a' }, spec: appliedSpec }
    const child = { ...identity, metadata: { name: 'a', annotations: { [lastAppliedAnnotation]: toGoJson(applied) } }, spec: observedSpec, status: { x: 1 } }
    const after = applyUpdate(child, keepAsItIs(child))
    return toGoJson({ ...after, metadata: 0 }) === toGoJson({ ...child, metadata: 0 }) &&
      toGoJson(applyUpdate(after, keepAsItIs(after))) === toGoJson(after)
  }), { numRuns: 2000 })
})

t.test('property: a child that is as applied is kept without any write, and is not outdated', async t => {
  fc.assert(fc.property(spec, tree, (appliedSpec, ofOthers) => {
    const applied = { ...identity, metadata: { name: 'a' }, spec: appliedSpec }
    const child = applyUpdate({ ...identity, metadata: { name: 'a' }, spec: { others: ofOthers } }, applied)
    return toGoJson(applyUpdate(child, keepAsItIs(child))) === toGoJson(child) && !compareChild(child, applied).outdated
  }), { numRuns: 2000 })
})

/* A child as server-side apply leaves it: no annotation, but an account of who applied what. */
const applied = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'a',
    namespace: 'n',
    generation: 2,
    labels: { 'controller-uid': 'u', ours: 'x', theirs: 'y' },
    ownerReferences: [{ uid: 'u' }],
    managedFields: [
      { manager: 'someone', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:paused': {} } } },
      {
        manager: 'metacontroller',
        operation: 'Apply',
        fieldsV1: {
          'f:metadata': { 'f:labels': { 'f:controller-uid': {}, 'f:ours': {} }, 'f:ownerReferences': { 'k:{"uid":"u"}': {} } },
          'f:spec': {
            'f:replicas': {},
            'f:gone': {},
            'f:selector': {},
            'f:containers': { 'k:{"name":"c"}': { '.': {}, 'f:name': {}, 'f:env': { 'k:{"name":"B"}': { '.': {}, 'f:name': {}, 'f:value': {} }, 'k:{"name":"A"}': { '.': {}, 'f:name': {} } } } }
          }
        }
      },
      { manager: 'metacontroller', operation: 'Update', subresource: 'status', fieldsV1: { 'f:status': {} } }
    ]
  },
  spec: {
    replicas: 1,
    paused: true,
    selector: { matchLabels: { a: 'b' } },
    containers: [{ name: 'sidecar' }, { name: 'c', env: [{ name: 'A' }, { name: 'K_SINK', value: 's' }, { name: 'B', value: 'b' }], terminationMessagePath: '/dev' }]
  },
  status: {}
}

const appliedDesired = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a', namespace: 'n', labels: { ours: 'x' } },
  spec: { replicas: 1, selector: { matchLabels: { a: 'b' } }, containers: [{ name: 'c', env: [{ name: 'A' }, { name: 'B', value: 'b' }] }] }
}

t.test('server-side apply: a kept child is what was applied, in the order in which it stands', async t => {
  t.same(keepAsItIs(applied), {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'a', labels: { 'controller-uid': 'u', ours: 'x' } },
    spec: { replicas: 1, selector: { matchLabels: { a: 'b' } }, containers: [{ name: 'c', env: [{ name: 'A' }, { name: 'B', value: 'b' }] }] }
  })
})

t.test('server-side apply: a set is kept by its values', async t => {
  const withSet = change(applied, child => {
    child.spec.set = ['theirs', 'keep']
    child.metadata.managedFields[1].fieldsV1['f:spec']['f:set'] = { 'v:"keep"': {}, 'v:{': {}, 'k:"odd"': {} }
  })
  t.match(keepAsItIs(withSet), { spec: { set: ['keep'] } })
})

t.test('server-side apply: fields that are of another form than applied are left as they are', async t => {
  const odd = change(applied, child => {
    child.spec.containers = 'text'
    child.metadata.managedFields[1].fieldsV1['f:metadata']['f:labels']['f:ours'] = 'text'
    child.spec.set = ['keep']
    child.metadata.managedFields[1].fieldsV1['f:spec']['f:set'] = { 'v:"keep"': 7 }
  })
  t.match(keepAsItIs(odd), { metadata: { labels: { ours: 'x' } }, spec: { containers: 'text', set: ['keep'] } })
  const deep = change(applied, child => { child.metadata.managedFields[1].fieldsV1['f:spec']['f:replicas'] = JSON.parse(`${'{"f:a":'.repeat(200)}1${'}'.repeat(200)}`) })
  t.same(keepAsItIs(deep), { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' } })
})

t.test('server-side apply: outdated', async t => {
  t.equal(compareChild(applied, appliedDesired).outdated, false)
  t.equal(compareChild(change(applied, child => { child.spec.replicas = 3 }), appliedDesired).outdated, true)
  t.equal(compareChild(applied, change(appliedDesired, child => { delete child.spec.replicas })).outdated, true, 'applied before, desired no longer')
  const noLabelsOfOurs = change(applied, child => {
    child.metadata.labels = { 'controller-uid': 'u' }
    child.metadata.managedFields[1].fieldsV1['f:metadata']['f:labels'] = { 'f:controller-uid': {} }
  })
  t.equal(compareChild(noLabelsOfOurs, change(appliedDesired, child => { delete child.metadata.labels })).outdated, false)
})

t.test('server-side apply: changed metadata is put right by an answer that reads otherwise', async t => {
  const answer = (child: any) => answerFor(compareChild(child, appliedDesired), appliedDesired)
  t.equal(answer(undefined), appliedDesired)
  t.equal(answer(applied), appliedDesired)
  t.equal(answer(change(applied, child => { child.spec.replicas = 3 })), appliedDesired, 'a change of the spec is seen anyway')
  const relabelled = change(applied, child => { child.metadata.labels.ours = 'changed' })
  t.same(answer(relabelled), { ...appliedDesired, metadata: { ...appliedDesired.metadata, finalizers: [] } })
  const byNobody = change(relabelled, child => { delete child.metadata.managedFields })
  t.equal(answer(byNobody), appliedDesired)
  const dynamic = change(relabelled, child => { child.metadata.annotations = { [lastAppliedAnnotation]: '{}' } })
  t.equal(answer(dynamic), appliedDesired, 'dynamic apply needs no such thing')
})
