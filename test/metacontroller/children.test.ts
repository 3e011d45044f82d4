import fc from 'fast-check'
import t from 'tap'
import { answerFor, compareChild, findChild, isBeingDeleted, keepAsItIs } from '../../src/metacontroller/children.js'
import type { ObjectMap } from '../../src/metacontroller/protocol.js'
import { makeChildren, readRequest } from '../widget/widget.js'
import { anyJson, deepJson } from '../kubernetes/any-json.js'
import { runs } from '../soak.js'
import { applyCreate, applyUpdate, lastAppliedAnnotation, toGoJson, withoutLastApplied } from './apply-update.js'

const request = readRequest('ready')
const [observed] = Object.values<any>(request.children['Deployment.apps/v1'])
const { deployment: desired } = makeChildren(request.parent)

/** The desired child as Metacontroller applies it: with the label of its selector. */
const sent = change(desired, child => { child.metadata.labels['controller-uid'] = request.parent.metadata.uid })

/** A change to a copy of an object. */
function change (object: any, edit: (copy: any) => void): any {
  const copy = structuredClone(object)
  edit(copy)
  return copy
}

const container = (deployment: any) => deployment.spec.template.spec.containers[0]

t.test('children are found by their kind and name', async t => {
  const child = { metadata: { name: 'a' } }
  for (const key of ['a', 'n/a', 'anything']) t.equal(findChild({ 'Deployment.apps/v1': { [key]: child } }, 'apps/v1', 'Deployment', 'a'), child)
  t.equal(findChild({ 'Deployment.apps/v1': { a: {}, b: { metadata: null } } }, 'apps/v1', 'Deployment', 'a'), undefined)
  t.equal(findChild({ 'Deployment.apps/v1beta1': { a: child } }, 'apps/v1', 'Deployment', 'a'), undefined)
  t.equal(findChild({}, 'apps/v1', 'Deployment', 'a'), undefined)
  // Groups that a request cannot have: its schema refuses them, and so does the type.
  for (const group of [null, [], 'x']) t.equal(findChild({ 'Deployment.apps/v1': group } as unknown as ObjectMap, 'apps/v1', 'Deployment', 'a'), undefined)
})

t.test('children with keys that every object inherits', async t => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    for (const key of [name, `n/${name}`]) {
      const children = JSON.parse(`{"Deployment.apps/v1": {${JSON.stringify(key)}: {"metadata": {"name": "${name}"}}}}`)
      t.same(findChild(children, 'apps/v1', 'Deployment', name), { metadata: { name } }, key)
      t.equal(findChild(children, 'apps/v1', 'Deployment', 'a'), undefined)
    }
    t.equal(findChild({ 'Deployment.apps/v1': {} }, 'apps/v1', 'Deployment', name), undefined)
  }
  const inherited = JSON.parse('{"Deployment.apps/v1": {"a": {"__proto__": {"metadata": {"name": "a"}}}}}')
  t.equal(findChild(inherited, 'apps/v1', 'Deployment', 'a'), undefined)
})

t.test('an object that is being deleted', async t => {
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

t.test('a child is outdated when a field that was applied is no longer desired', async t => {
  const lessDesired = change(desired, child => { delete container(child).resources.limits })
  t.equal(compareChild(observed, lessDesired).outdated, true)
  const lessEnv = change(desired, child => { container(child).env.pop() })
  t.equal(compareChild(observed, lessEnv).outdated, true)
})

t.test('nothing to compare is not outdated', async t => {
  t.equal(compareChild(undefined, desired).outdated, false)
  t.equal(compareChild(observed, undefined).outdated, false)
})

t.test('a kept child equals what was applied: applying it changes nothing', async t => {
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

t.test('an unknown child has only its name', async t => {
  const identity = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }
  for (const annotation of [undefined, '', '{', '[]', 'null', `{"a":${'['.repeat(200)}${']'.repeat(200)}}`]) {
    t.same(keepAsItIs({ ...identity, metadata: { name: 'a', annotations: { [lastAppliedAnnotation]: annotation } }, data: {} }), identity)
  }
  const deeper = { ...identity, metadata: { name: 'a', annotations: { [lastAppliedAnnotation]: '{"data":{"a":1}}' } }, data: { a: deepJson[0] } }
  t.same(keepAsItIs(deeper), identity, 'nor is one that could not be answered')
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

t.test('property: keeping a child changes only the annotation, whatever was applied', async t => {
  fc.assert(fc.property(spec, spec, (observedSpec, appliedSpec) => {
    const applied = { ...identity, metadata: { name: 'a' }, spec: appliedSpec }
    const child = { ...identity, metadata: { name: 'a', annotations: { [lastAppliedAnnotation]: toGoJson(applied) } }, spec: observedSpec, status: { x: 1 } }
    const after = applyUpdate(child, keepAsItIs(child))
    return toGoJson({ ...after, metadata: 0 }) === toGoJson({ ...child, metadata: 0 }) &&
      toGoJson(applyUpdate(after, keepAsItIs(after))) === toGoJson(after)
  }), { numRuns: runs(500) })
})

t.test('property: a child that equals what was applied is kept without any write, and is not outdated', async t => {
  fc.assert(fc.property(spec, tree, (appliedSpec, ofOthers) => {
    const applied = { ...identity, metadata: { name: 'a' }, spec: appliedSpec }
    const child = applyUpdate({ ...identity, metadata: { name: 'a' }, spec: { others: ofOthers } }, applied)
    return toGoJson(applyUpdate(child, keepAsItIs(child))) === toGoJson(child) && !compareChild(child, applied).outdated
  }), { numRuns: runs(500) })
})

/* Observed, applied and desired objects match the schema: no field is null, and no name comes twice. */
const form = (value: fc.Arbitrary<unknown>) => fc.record({
  one: fc.constantFrom('a', 'b', 1),
  other: fc.boolean(),
  list: fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }),
  named: fc.uniqueArray(fc.record({ name: fc.constantFrom('x', 'y', 'z'), value }, { requiredKeys: ['name'] }), { selector: ({ name }) => name }),
  map: fc.dictionary(fc.constantFrom('p', 'q', '__proto__', 'constructor'), fc.constantFrom('a', 'b'), { noNullPrototype: true }),
  object: fc.record({ one: value, two: value }, { requiredKeys: [] })
}, { requiredKeys: [] })
const typed = form(form(fc.constantFrom('a', 'b')))
const labels = fc.dictionary(fc.constantFrom('l', 'm'), fc.constantFrom('a', 'b'))
const child = (spec: unknown, labels: Record<string, string>) => ({ ...identity, metadata: { name: 'a', labels }, spec })

/** The child with the label of Metacontroller's selector. */
const labelled = (spec: unknown, labels: Record<string, string>) => child(spec, { ...labels, 'controller-uid': 'u' })

t.test('property: a child is outdated if, and only if, applying the desired object changes it', async t => {
  const seen = new Set<boolean>()
  // Few variants, so that the observed child often equals the desired one.
  const state = fc.record({ spec: fc.oneof(fc.constant({}), typed), labels })
  const states = fc.tuple(state, state, state, fc.integer({ min: 0, max: 7 })).map(([a, b, c, alike]) => {
    return { observed: a, last: alike & 1 ? a : b, desired: alike & 2 ? a : alike & 4 ? b : c }
  })
  const others = fc.record({ spec: typed })
  fc.assert(fc.property(states, others, ({ observed, last, desired }, { spec }) => {
    const theirs: any = labelled({ ...spec, ...observed.spec }, observed.labels)
    const there = { ...theirs, metadata: { ...theirs.metadata, annotations: { [lastAppliedAnnotation]: toGoJson(labelled(last.spec, last.labels)) } } }
    const after = applyUpdate(there, labelled(desired.spec, desired.labels))
    const isChanged = toGoJson(withoutLastApplied(after)) !== toGoJson(withoutLastApplied(there))
    const { outdated } = compareChild(there, child(desired.spec, desired.labels))
    seen.add(outdated)
    return outdated === isChanged
  }), { numRuns: runs(1500) })
  t.equal(seen.size, 2, 'both come up')
})

t.test('property: a created child is as desired, and stays so when others add to it', async t => {
  fc.assert(fc.property(typed, labels, typed, (desiredSpec, desiredLabels, ofOthers) => {
    const desired = child(desiredSpec, desiredLabels)
    const created = applyCreate(labelled(desiredSpec, desiredLabels))
    const grown = { ...created, spec: { ...ofOthers, ...created.spec }, metadata: { ...created.metadata, finalizers: ['theirs'] }, status: ofOthers }
    return !compareChild(grown, desired).outdated && toGoJson(applyUpdate(grown, keepAsItIs(grown))) === toGoJson(grown)
  }), { numRuns: runs(300) })
})

t.test('of a duplicate name the last value is kept, which is the one that a container uses', async t => {
  const twice = change(observed, child => { container(child).env.push({ name: 'INTERVAL', value: '77s' }) })
  const { env } = container(applyUpdate(twice, keepAsItIs(twice)))
  t.equal(env.filter((variable: any) => variable.name === 'INTERVAL').at(-1).value, '77s')
})

/* A child after server-side apply: without the annotation, but with managed fields. */
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

t.test('server-side apply: a kept child equals what was applied, in the stored order', async t => {
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

t.test('server-side apply: fields of another type than applied are left unchanged', async t => {
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

t.test('server-side apply: changed metadata is repaired by an answer that differs', async t => {
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

t.test('any child can be compared and kept', async t => {
  const fields = fc.dictionary(fc.constantFrom('f:spec', 'f:metadata', 'f:name', 'k:{"name":"a"}', 'k:{}', 'k:', 'v:1', 'v:{', '.', ''), anyJson)
  const entry = fc.record({ operation: fc.constantFrom('Apply', 'Update'), fieldsV1: fields.map(rest => ({ 'f:spec': rest, ...rest, 'f:metadata': { 'f:ownerReferences': {}, ...rest } })) })
  const items = fc.array(fc.record({ name: anyJson }), { maxLength: 3 })
  const odd = fc.oneof(anyJson, fc.record({ containers: fc.oneof(items, anyJson) }))
  const note = fc.oneof(anyJson, fc.record({ spec: odd, metadata: anyJson })).map(value => JSON.stringify(value))
  const annotated = fc.record({ name: fc.constant('a'), annotations: fc.record({ [lastAppliedAnnotation]: note }), labels: anyJson })
  const managed = fc.record({ name: fc.constant('a'), managedFields: fc.array(fc.oneof(entry, anyJson), { maxLength: 3 }), labels: anyJson })
  const child = fc.record({ apiVersion: fc.constant('apps/v1'), kind: fc.constant('Deployment'), metadata: fc.oneof(annotated, managed, anyJson), spec: odd })
  fc.assert(fc.property(child, spec, (child: any, spec) => {
    const desired = { ...identity, metadata: { name: 'a' }, spec }
    const kept = keepAsItIs(child)
    const compared = compareChild(child, desired)
    const answer: any = answerFor(compared, desired)
    return (kept === undefined || kept.metadata.name === child.metadata.name) && typeof compared.outdated === 'boolean' && answer.spec === spec &&
      typeof isBeingDeleted(child) === 'boolean' && findChild({ 'Deployment.apps/v1': { a: child } }, 'apps/v1', 'Deployment', 'b') === undefined
  }), { numRuns: runs(500) })
})

t.test('a child of any depth can be compared and kept', async t => {
  const desired = { ...identity, metadata: { name: 'a' }, spec: { containers: [{ name: 'a' }], list: [1] } }
  for (const deep of deepJson) {
    const spec = { containers: [{ name: deep, port: deep }], deep, list: [deep] }
    const notes = ['{"spec": {"containers": [{"name": "a"}], "deep": {"a": 1}, "list": [1]}}', '{"spec": 1}', `{"spec": ${JSON.stringify({ a: 1 })}}`]
    const children: any[] = notes.map(note => ({ ...identity, metadata: { name: 'a', annotations: { [lastAppliedAnnotation]: note } }, spec }))
    for (const fields of [{ 'f:spec': {} }, { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': {} }, 'f:deep': {} } }]) {
      children.push({ ...identity, metadata: { name: 'a', managedFields: [{ operation: 'Apply', fieldsV1: { 'f:metadata': { 'f:ownerReferences': {} }, ...fields } }] }, spec })
    }
    children.push({ ...identity, metadata: deep, spec: deep }, { ...identity, metadata: { name: 'a', labels: deep, managedFields: [{ operation: 'Apply', fieldsV1: deep }, deep] }, spec })
    for (const child of children) {
      t.doesNotThrow(() => JSON.stringify(keepAsItIs(child)))
      t.equal(compareChild(child, desired).outdated, true)
    }
  }
})
