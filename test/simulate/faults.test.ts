import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Manifest } from '../harness/api-server.js'
import type { FakeCall } from '../harness/fake-hook.js'
import type { CompositeController } from '../harness/metacontroller.js'
import type { Simulation } from './simulate.js'
import { configMap, simulateThing, stage, thing, thingController, thingDefinition } from './things.js'

/* Each fault that a hook can have, and the finding for it. */

interface Case {
  /** The answer of the sync hook; the number counts its calls from 0. */
  answer: (count: number) => unknown
  /** The answer of the customize hook. */
  customize?: unknown
  options?: Partial<Simulation>
  /** The expected findings. */
  findings: object[]
  atRest?: boolean
}

const strategies = ['dynamic-apply', 'server-side-apply'] as const

const cases: Record<string, Case> = {
  'a hook without a fault': {
    answer: () => ({ status: { done: true }, children: [configMap({ a: '1' })] }),
    findings: [],
    atRest: true
  },
  'a child that changes each time': {
    answer: count => ({ status: {}, children: [configMap({ count: String(count) })] }),
    findings: [{ fault: 'endless-update', object: 'ConfigMap default/settings', moves: [{ path: 'data.count', was: /^\d+$/, is: /^\d+$/ }] }]
  },
  'a status that changes each time': {
    answer: count => ({ status: { seen: { count } }, children: [] }),
    findings: [{ fault: 'moving-status', object: 'Thing default/a', moves: [{ path: 'status.seen.count', was: Number, is: Number }] }]
  },
  'a status field that the CRD does not have': {
    answer: () => ({ status: { phase: 'Done', extra: 'x' }, children: [] }),
    options: { crds: [thingDefinition({ type: 'object', properties: { phase: { type: 'string' }, observedGeneration: { type: 'integer' } } })] },
    findings: [{ fault: 'moving-status', object: 'Thing default/a', message: /does not store what the hook asks for$/, moves: [{ path: 'status.extra', was: undefined, is: 'x' }] }],
    atRest: false
  },
  'a status without observedGeneration in the CRD': {
    answer: () => ({ status: { phase: 'Done' }, children: [] }),
    options: { crds: [thingDefinition({ type: 'object', properties: { phase: { type: 'string' } } })] },
    findings: [{ fault: 'moving-status', object: 'Thing default/a', message: /because the CustomResourceDefinition drops status\.observedGeneration, which Metacontroller sets$/, moves: [{ path: 'status.observedGeneration', was: undefined, is: 1 }] }]
  },
  'the same, with one more field that it does not have': {
    answer: () => ({ status: { phase: 'Done', observedGeneration: 7, extra: 'x' }, children: [] }),
    options: { crds: [thingDefinition({ type: 'object', properties: { phase: { type: 'string' } } })] },
    findings: [{ fault: 'moving-status', message: /does not store what the hook asks for, and the CustomResourceDefinition drops/, moves: [{ path: 'status.observedGeneration', is: 1 }, { path: 'status.extra', is: 'x' }] }]
  },
  'a child that is left out every other time': {
    answer: count => ({ status: {}, children: count % 2 === 0 ? [configMap({})] : [] }),
    findings: [{ fault: 'delete-and-create', object: 'ConfigMap default/settings', message: /leaves it out/, moves: [] }]
  },
  'a child with another name each time': {
    answer: count => ({ status: {}, children: [configMap({}, `settings-${count}`)] }),
    findings: [{ fault: 'delete-and-create', object: /^ConfigMap default\/settings-\d+$/, moves: [{ path: 'metadata.name', was: /^settings-\d+$/, is: /^settings-\d+$/ }] }]
  },
  'a child that changes each time, with the update strategy Recreate': {
    answer: count => ({ status: {}, children: [configMap({ count: String(count) })] }),
    options: { controller: thingController(['sync'], [{ apiVersion: 'v1', resource: 'configmaps', updateStrategy: { method: 'Recreate' } }]) },
    findings: [{ fault: 'delete-and-create', object: 'ConfigMap default/settings', message: /a field changes/, moves: [{ path: 'data.count', was: String, is: String }] }]
  },
  'a cluster-scoped child of a parent in a namespace': {
    answer: () => ({ status: {}, children: [{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'reader' }, rules: [] }] }),
    options: { controller: thingController(['sync'], [{ apiVersion: 'rbac.authorization.k8s.io/v1', resource: 'clusterroles', updateStrategy: { method: 'InPlace' } }]) },
    findings: [{ fault: 'endless-create', object: 'ClusterRole reader', message: /^is (created at each sync although it exists|applied at each sync although nothing has changed): it is cluster-scoped and its parent has a namespace/ }]
  },
  'a cluster-scoped child in a namespace, of a cluster-scoped parent': {
    answer: () => ({ status: {}, children: [{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'reader', namespace: 'x' }, rules: [] }] }),
    options: {
      crds: [thingDefinition(undefined, 'Cluster')],
      controller: thingController(['sync'], [{ apiVersion: 'rbac.authorization.k8s.io/v1', resource: 'clusterroles', updateStrategy: { method: 'InPlace' } }])
    },
    findings: [{ fault: 'delete-and-create', object: 'ClusterRole reader', message: 'is deleted and created again: it is cluster-scoped, and the hook asks for it in the namespace x', moves: [] }]
  },
  'a child of a kind that childResources does not name': {
    answer: () => ({ status: {}, children: [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' } }] }),
    findings: [{ fault: 'endless-create', object: 'Secret default/s', message: /childResources/ }]
  },
  'a customize answer that asks for nothing': {
    answer: () => ({ status: {}, children: [] }),
    customize: { relatedResources: [] },
    options: { controller: thingController(['sync', 'customize']) },
    findings: [{ fault: 'empty-customize', object: 'CompositeController thing-controller', moves: [] }],
    atRest: true
  },
  'an answer that is not JSON': {
    answer: () => ({ body: '<html>' }),
    findings: [{ fault: 'sync-error', object: 'Thing default/a', message: /^could not be synced, \d+ times: .*can't unmarshal webhookResponse/ }]
  },
  'an error status': {
    answer: () => ({ status: 500, body: 'oh\nno' }),
    findings: [{ fault: 'sync-error', object: 'Thing default/a', message: /unsupported status code: 500 body: oh no$/ }]
  },
  'a hook that always asks to be called later': {
    answer: () => ({ status: 429, body: '' }),
    findings: [{ fault: 'not-at-rest' }]
  },
  'a customize hook that does the same': {
    answer: () => ({}),
    customize: { status: 429, body: '' },
    options: { controller: thingController(['sync', 'customize']) },
    findings: [{ fault: 'not-at-rest' }]
  },
  'a child that the API server refuses': {
    answer: () => ({ status: {}, children: [{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: {} }] }),
    options: { controller: thingController(['sync'], [{ apiVersion: 'apps/v1', resource: 'deployments' }]) },
    findings: [{ fault: 'sync-error', object: 'Thing default/a', message: /Deployment\.apps "d" is invalid/ }]
  },
  'a parent that is not Ready': {
    answer: () => ({ status: { conditions: [{ type: 'Ready', status: 'False', reason: 'NoLuck', message: 'none at all' }] }, children: [] }),
    findings: [{ fault: 'not-ready', object: 'Thing default/a', message: 'is not Ready: False: NoLuck: none at all' }],
    atRest: true
  },
  'children that are not objects of Kubernetes': {
    answer: () => ({ status: { conditions: [null, 'x'] }, children: [{ kind: 'ConfigMap' }, { apiVersion: 'v1', kind: 'ConfigMap' }] }),
    options: { controller: thingController(['sync'], [{ apiVersion: 'v1', resource: 'configmaps' }]) },
    findings: [{ fault: 'sync-error', object: 'Thing default/a' }]
  },
  'a parent that is refused': {
    answer: () => ({}),
    options: { crds: [thingDefinition()], stages: [stage('thing.yaml', { ...thing, spec: 'x' })] },
    findings: [{ fault: 'refused', object: 'Thing default/a', message: /^in thing\.yaml is refused by the API server: Thing\.example\.org "a" is invalid: spec: Invalid value/ }]
  },
  'a parent with unknown fields': {
    answer: () => ({}),
    options: {
      crds: [thingDefinition({ type: 'object', properties: { phase: { type: 'string' } } })],
      stages: [stage('thing.yaml', { ...thing, metadata: { name: 'a', lables: {} }, spce: {}, status: { phasse: 'x' } } as typeof thing)]
    },
    findings: [{ fault: 'refused', object: 'Thing default/a', message: 'in thing.yaml is refused by the API server: unknown field "metadata.lables": did you mean "labels"?, unknown field "spce": did you mean "spec"?, unknown field "status.phasse": did you mean "phase"?' }]
  }
}

for (const [name, { answer, customize, options = {}, findings, atRest = false }] of Object.entries(cases)) {
  for (const applyStrategy of strategies) {
    t.test(`${name} (${applyStrategy})`, async t => {
      let count = 0
      const outcome = await simulateThing(t, ({ path }) => path === '/sync' ? answer(count++) : customize, { applyStrategy, ...options })
      t.equal(outcome.findings.length, findings.length, JSON.stringify(outcome.findings))
      t.match(outcome.findings, findings)
      t.equal(outcome.atRest, atRest)
      t.equal(outcome.exitCode, findings.length === 0 ? 0 : 1)
    })
  }
}

t.test('a child that changes although its kind is not updated is reported', async t => {
  const controller = thingController(['sync'], [{ apiVersion: 'v1', resource: 'pods' }])
  const pod = (image: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image }] } })
  const stages = ['x:1', 'x:2'].map(image => stage(image, { ...thing, spec: { image } }))
  const outcome = await simulateThing(t, ({ body: { parent } }) => ({ status: {}, children: [pod(parent.spec.image)] }), { controller, stages })
  t.match(outcome, { exitCode: 0, findings: { length: 0 } })
  t.match(outcome.notes.at(-1), /^Pod default\/p is never updated: .*OnDelete.*; spec\.containers\[0\]\.image is "x:1", and the hook asks for "x:2"$/)
})

t.test('so is one of which only a label changes', async t => {
  const controller = thingController(['sync'], [{ apiVersion: 'v1', resource: 'configmaps' }])
  const labelled = (name: string) => ({ ...configMap({}), metadata: { name: 'settings', labels: { name } } })
  const stages = ['x', 'y'].map(name => stage(name, { ...thing, spec: { name } }))
  const { notes } = await simulateThing(t, ({ body: { parent } }) => ({ status: {}, children: [labelled(parent.spec.name)] }), { controller, stages })
  t.match(notes.at(-1), /; metadata\.labels\.name is "x", and the hook asks for "y"$/)
})

t.test('many parents that are synced often come to rest, each for itself', async t => {
  const parents = Array.from({ length: 30 }, (_, index) => ({ ...thing, metadata: { name: `a-${index}` } }))
  const outcome = await simulateThing(t, () => ({ status: {}, resyncAfterSeconds: 5 }), { stages: [stage('x', ...parents)], maxSyncs: 25 })
  t.match(outcome, { exitCode: 0, atRest: true }, JSON.stringify(outcome.findings))
})

t.test('a later file can empty what an earlier one has set, and leaves what others have set', async t => {
  const specs: any[] = []
  const stages = [{ a: { b: '1' }, c: '2' }, { a: {} }].map((spec, index) => stage(String(index), { ...thing, spec }))
  const outcome = await simulateThing(t, ({ body: { parent } }) => { specs.push(parent.spec); return { status: {} } }, { stages })
  t.match(outcome, { exitCode: 0 }, JSON.stringify(outcome.findings))
  t.strictSame(specs.at(-1), { a: {} })
})

t.test('annotations of another type are refused', async t => {
  const { findings } = await simulateThing(t, () => ({}), { stages: [stage('x', { ...thing, metadata: { name: 'a', annotations: 'x' } } as unknown as typeof thing)] })
  t.match(findings, [{ fault: 'refused', message: /cannot unmarshal string into Go struct field metadata\.annotations/ }], JSON.stringify(findings))
})

t.test('a Deployment with a misspelled field is refused, as by strict validation', async t => {
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { replcas: 1 } }
  const { findings } = await simulateThing(t, () => ({}), { stages: [stage('x', thing, deployment)] })
  t.match(findings, [{ fault: 'refused', message: 'in x is refused by the API server: unknown field "spec.replcas"' }])
})

t.test('a parent that is gone at the end, or was never looked at, is a fault', async t => {
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'none', uid: '1' }]
  const gone = await simulateThing(t, () => ({ status: {} }), { stages: [stage('x', { ...thing, metadata: { name: 'a', ownerReferences } })] })
  t.match(gone, { exitCode: 1, findings: [{ fault: 'not-ready', object: 'Thing default/a', message: 'is gone at the end: kube-controller-manager has deleted it' }] })
  const controller: CompositeController = thingController()
  controller.spec.parentResource.labelSelector = { matchLabels: { mine: 'yes' } }
  t.match(await simulateThing(t, () => ({}), { controller, judgesReady: false }), { exitCode: 1, findings: [{ fault: 'not-ready', message: /^is not looked at/ }] })
})

t.test('the default in an item of a list that Metacontroller removes each time is named', async t => {
  const item = { type: 'object', properties: { k: { type: 'string' }, d: { type: 'string', default: 'dd' } } }
  const spec = { type: 'object', properties: { m: { type: 'array', items: item } } }
  const other = structuredClone(thingDefinition())
  Object.assign(other, { metadata: { name: 'others.example.org' } })
  Object.assign(other.spec, { names: { kind: 'Other', plural: 'others' } })
  other.spec.versions[0].schema.openAPIV3Schema.properties.spec = spec
  const { findings } = await simulateThing(t, () => ({ status: {}, children: [{ apiVersion: 'example.org/v1', kind: 'Other', metadata: { name: 'o' }, spec: { m: [{ k: '1' }, { k: '2' }] } }] }), {
    crds: [thingDefinition(), other],
    controller: thingController(['sync'], [{ apiVersion: 'example.org/v1', resource: 'others', updateStrategy: { method: 'InPlace' } }])
  })
  t.match(findings, [{ fault: 'endless-update', object: 'Other default/o', moves: [{ path: 'spec.m[0].d', was: 'dd', is: undefined }] }], JSON.stringify(findings))
})

t.test('a customize hook that answers 429 is named', async t => {
  const { findings } = await simulateThing(t, ({ path }) => path === '/sync' ? { status: {} } : { status: 429, headers: { 'retry-after': '1' }, body: '' }, { controller: thingController(['sync', 'customize']) })
  t.match(findings, [{ fault: 'not-at-rest', message: /; the customize hook has answered 429 \d+ times$/ }])
})

t.test('a child that exists already, and belongs to nobody', async t => {
  const { findings } = await simulateThing(t, () => ({ status: {}, children: [configMap({ a: '1' })] }), { stages: [stage('x', configMap({ a: '1' }), thing)] })
  t.equal(findings.length, 1)
  t.match(findings, [{ fault: 'endless-create', object: 'ConfigMap default/settings', message: /: it has no owner, and does not have the labels/ }])
})

t.test('two parents that want the same child', async t => {
  const other = { ...thing, metadata: { name: 'b' } }
  const { findings } = await simulateThing(t, () => ({ status: {}, children: [configMap({ a: '1' })] }), { stages: [stage('x', thing, other)] })
  t.match(findings, [{ fault: 'endless-create', object: 'ConfigMap default/settings', message: /: it belongs to Thing a$/ }])
})

t.test('a finalizer that comes and goes is not a moving status', async t => {
  const { findings } = await simulateThing(t, () => ({ status: {}, children: [], finalized: true }), { controller: thingController(['sync', 'finalize']) })
  t.equal(findings.length, 1)
  t.match(findings, [{ fault: 'endless-update', object: 'Thing default/a', message: /finalized: true$/, moves: [{ path: /^metadata\.finalizers/ }] }], JSON.stringify(findings))
})

t.test('a hook that answers 429 once and asks for a long time', async t => {
  const { findings } = await simulateThing(t, () => ({ status: 429, headers: { 'retry-after': '100000' }, body: '' }))
  t.match(findings, [{ fault: 'not-at-rest', message: 'does not come to rest: 1 sync so far; the hook has answered 429, and asks to be called again after 100000 s' }])
})

t.test('syncs that fail, or are put off, only once the cluster is at rest', async t => {
  const table: Array<[answer: object, finding: object]> = [
    [{ status: 429, headers: { 'retry-after': '1' }, body: '' }, { fault: 'not-at-rest', message: /; the hook has answered 429 \d+ times in a row, and asks to be called again after 1 s$/ }],
    [{ status: 500, body: '' }, { fault: 'sync-error', message: /^could not be synced/ }]
  ]
  for (const [answer, finding] of table) {
    let count = 0
    const outcome = await simulateThing(t, () => count++ < 6 ? { status: {}, children: [configMap({})] } : answer)
    t.match(outcome, { exitCode: 1, atRest: false, findings: [finding] }, JSON.stringify(outcome.findings))
  }
})

t.test('a finalize hook that never answers finalized: true', async t => {
  const controller = thingController(['sync', 'finalize'])
  controller.spec.parentResource.labelSelector = { matchLabels: { mine: 'yes' } }
  const finalizer = 'metacontroller.io/compositecontroller-thing-controller'
  const labelled = (mine: string, metadata = {}) => ({ ...thing, metadata: { name: 'a', labels: { mine }, ...metadata } })
  const owned = { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'none', uid: '1' }] }
  const ready = { status: { conditions: [{ type: 'Ready', status: 'True' }] } }
  const table: Array<[last: typeof thing, finalized: boolean, findings: object[]]> = [
    [labelled('yes', owned), false, [{ fault: 'endless-finalize', object: 'Thing default/a', message: new RegExp(`^is never deleted: the hook's answer to finalize never had finalized: true, in \\d+ calls; its finalizers: ${finalizer}$`) }]],
    [labelled('no'), false, [{ fault: 'endless-finalize', object: 'Thing default/a', message: /^keeps its finalizer although it is no longer selected .*: the hook's answer to finalize never had finalized: true/ }]],
    [labelled('yes', { ...owned, finalizers: ['example.org/other'] }), true, [{ fault: 'endless-finalize', message: 'is never deleted: nothing here removes its finalizers; its finalizers: example.org/other' }]],
    [labelled('yes', owned), true, []],
    [labelled('no'), true, []]
  ]
  for (const [last, finalized, findings] of table) {
    const outcome = await simulateThing(t, ({ path }) => path === '/finalize' ? { ...ready, finalized } : ready, { controller, stages: [stage('x', labelled('yes')), stage('y', last)], judgesReady: false })
    t.match(outcome.findings, findings)
    t.equal(outcome.findings.length, findings.length, JSON.stringify(outcome.findings))
    t.equal(outcome.atRest, findings.length === 0)
    t.equal(outcome.exitCode, findings.length)
    t.equal(outcome.notes.some(note => note === 'Thing default/a was finalized: the hook answered finalized: true'), finalized)
  }
  // Nobody finalizes it.
  const { findings } = await simulateThing(t, () => ready, { controller: { ...controller, spec: { ...controller.spec, hooks: thingController().spec.hooks } }, stages: [stage('x', labelled('yes')), stage('y', labelled('no'))] })
  t.match(findings, [{ fault: 'not-ready', message: /^is not looked at/ }])
})

t.test('a status and a finalizer that move are two faults, also without the status subresource', async t => {
  const definition = thingDefinition()
  delete definition.spec.versions[0].subresources
  let count = 0
  const { findings } = await simulateThing(t, () => ({ status: { count: count++ }, finalized: true }), { controller: thingController(['sync', 'finalize']), crds: [definition] })
  t.same(findings.map(({ fault }) => fault).sort(), ['endless-update', 'moving-status'], JSON.stringify(findings))
})

t.test('of a child that is in an answer twice, the last one is compared with what is stored', async t => {
  const controller = thingController(['sync'], [{ apiVersion: 'v1', resource: 'configmaps' }])
  const { notes } = await simulateThing(t, () => ({ status: {}, children: [{ ...configMap({ a: '1' }), metadata: { name: 'settings', namespace: 'default' } }, configMap({ a: '2' })] }), { controller })
  t.match(notes.at(-1), /is in an answer more than once: the last one counts$/)
})

t.test('kinds of children without defaults and validation are a note, and their metadata is checked', async t => {
  const { notes, exitCode } = await simulateThing(t, () => ({ status: {}, children: [configMap({}), { ...configMap({}), kind: 'Secret' }] }), {
    controller: thingController(['sync'], ['configmaps', 'secrets'].map(resource => ({ apiVersion: 'v1', resource })))
  })
  t.equal(exitCode, 0)
  t.ok(notes.includes("ConfigMap, Secret: stored as written, without the API server's defaults and validation, which can hide an endless update"), notes.join('; '))
  const misspelled = { ...configMap({}), metadata: { name: 'c', lables: {} } }
  t.match((await simulateThing(t, () => ({}), { stages: [stage('x', thing, misspelled)] })).findings, [{ fault: 'refused', message: 'in x is refused by the API server: unknown field "metadata.lables": did you mean "labels"?' }])
})

t.test('settings of the connection that are not acted on are a note', async t => {
  const controller = thingController()
  const { hooks, ...spec } = controller.spec
  const webhook = { ...hooks.sync!.webhook, authorization: {}, clientTLS: {} }
  const { notes, exitCode } = await simulateThing(t, () => ({ status: {} }), { controller: { ...controller, spec: { ...spec, hooks: { sync: { ...hooks.sync, webhook } }, endpointConfigs: [{ host: 'a' }, { host: 'b', caBundle: {} }] } } as CompositeController })
  t.equal(exitCode, 0)
  t.ok(notes.includes('not acted on here: spec.hooks.sync.webhook.authorization, spec.hooks.sync.webhook.clientTLS, spec.endpointConfigs[1].caBundle'), notes.join('; '))
})

t.test('a --sink that nothing asks for is a note', async t => {
  const { notes, exitCode } = await simulateThing(t, () => ({ status: {} }), { sinks: { byDefault: true, addresses: new Map([['Broker/default/x', undefined]]) } })
  t.equal(exitCode, 0)
  t.ok(notes.includes('--sink Broker/default/x was not needed: no source names this sink, or it is in a file'), notes.join('; '))
})

t.test('a parent that could never be synced is not said to have come to rest', async t => {
  const { notes } = await simulateThing(t, () => ({ status: 500, body: '' }))
  t.same(notes, [])
})

t.test('syncs that fail with the same message are one finding, with how often they failed', async t => {
  let [failures, calls] = [0, 0]
  const { findings } = await simulateThing(t, () => {
    if (++calls % 2 === 1) return { status: {}, children: [configMap({})] }
    failures++
    return { status: 500, body: 'oh no' }
  }, { stages: [stage('x', thing), stage('y', { ...thing, spec: { again: true } })] })
  t.ok(failures > 5)
  t.match(findings, [{ fault: 'sync-error', message: new RegExp(`^could not be synced, ${failures} times: .* 500 body: oh no$`) }])
  t.equal(findings.length, 1, JSON.stringify(findings))
})

t.test('a timeout in fractions of a millisecond', async t => {
  t.match(await simulateThing(t, () => ({ status: {} }), { hookTimeoutSeconds: 16.1 }), { exitCode: 0, findings: { length: 0 } })
})

t.test('a time from the hook\'s clock, in whole seconds, changes even if syncs follow each other quickly', async t => {
  const start = Date.now()
  const { findings } = await simulateThing(t, () => ({ status: { time: Math.floor((Date.now() - start) / 1000) }, children: [] }), { pauseMs: 1100 })
  t.match(findings, [{ fault: 'moving-status', moves: [{ path: 'status.time', was: Number, is: Number }] }])
})

t.test('an allowed fault does not count', async t => {
  const outcome = await simulateThing(t, ({ path }) => path === '/sync' ? { status: {} } : { relatedResources: [] }, { controller: thingController(['sync', 'customize']), allowed: ['empty-customize'] })
  t.match(outcome, { exitCode: 0, findings: [{ fault: 'empty-customize' }] })
})

t.test('simulate gives up on a hook that has not answered three times', async t => {
  let calls = 0
  const { findings } = await simulateThing(t, async () => {
    calls++
    await new Promise(() => {})
  }, { hookTimeoutSeconds: 0.2 })
  t.match(findings, [{ fault: 'sync-error', object: 'Thing default/a', message: /^could not be synced, 3 times: .*context deadline exceeded/ }])
  t.equal(calls, 3)
})

t.test('and on a hook that never finishes its answer', async t => {
  const server = createServer((_request, response) => { response.writeHead(200).write('{') }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  const { findings } = await simulateThing(t, () => {}, { hookUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, hookTimeoutSeconds: 0.2 })
  t.match(findings, [{ fault: 'sync-error', message: /^could not be synced, 3 times/ }])
})

t.test('a hook that closes the connection, or does not listen, is reported', async t => {
  const server = createServer(request => request.socket.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const hookUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const closing = await simulateThing(t, () => {}, { hookUrl })
  t.match(closing.findings, [{ fault: 'sync-error', message: /http error: Post "http:\/\/127\.0\.0\.1:\d+\/sync": EOF$/ }])
  server.close()
  await once(server, 'close')
  const absent = await simulateThing(t, () => {}, { hookUrl })
  t.match(absent.findings, [{ fault: 'sync-error', message: /connection refused$/ }])
})

t.test('without the status subresource, each status is a new generation', async t => {
  const definition = thingDefinition()
  delete definition.spec.versions[0].subresources
  const { findings } = await simulateThing(t, () => ({ status: { a: 1 } }), { crds: [definition] })
  t.match(findings, [{ fault: 'moving-status', message: 'gets status writes again and again, because its CustomResourceDefinition has no subresources.status, so that each of them makes a new generation', moves: [{ path: 'status.observedGeneration' }] }])
  t.equal(findings.length, 1)
})

t.test('after an allowed fault, the next file is applied; after another one, it is named', async t => {
  const first = stage('first.yaml', { ...thing, spec: { size: 1 } })
  const second = stage('second.yaml', { ...thing, spec: { size: 2 } }, { ...thing, metadata: { name: 'A_' } }, configMap({}, 'later') as Manifest)
  const third = stage('third.yaml', { ...thing, spec: { size: 3 } })
  const sizes: unknown[] = []
  let count = 0
  const answer = ({ body }: FakeCall) => {
    sizes.push(body['parent'].spec.size)
    return { status: { count: count++ } }
  }
  const stages = [first, second, third]
  const allowed = await simulateThing(t, answer, { stages, allowed: ['moving-status', 'refused'] })
  t.match(allowed, { atRest: false, exitCode: 0 })
  t.same(allowed.findings.map(({ fault }) => fault), ['refused', 'moving-status'])
  t.same([...new Set(sizes)], [1, 2, 3])
  t.notOk(allowed.notes.some(note => note.includes('was not applied')))

  const refused = await simulateThing(t, answer, { stages, allowed: ['moving-status'] })
  t.equal(refused.exitCode, 1)
  t.same(refused.notes.filter(note => note.includes('was not applied')), ['third.yaml was not applied, because of the fault before'])
  const moving = await simulateThing(t, answer, { stages })
  t.same(moving.notes.filter(note => note.includes('was not applied')), ['second.yaml', 'third.yaml'].map(file => `${file} was not applied, because of the fault before`))
})

t.test('a fault of the customize hook names it', async t => {
  for (const customize of [{ status: 404, body: '' }, { relatedResources: [{ apiVersion: 'v1', resource: 'configmap' }] }]) {
    const { findings } = await simulateThing(t, ({ path }) => path === '/sync' ? { status: {} } : customize, { controller: thingController(['sync', 'customize']) })
    t.match(findings, [{ fault: 'sync-error', message: /^could not be synced, \d+ times: customize hook: / }])
  }
  const { findings } = await simulateThing(t, ({ path }) => path === '/sync' ? { status: 404, body: '' } : { relatedResources: [] }, { controller: thingController(['sync', 'customize']), allowed: ['empty-customize'] })
  t.match(findings, [{ fault: 'sync-error', message: /^could not be synced, \d+ times: sync hook failed/ }])
})

t.test('the limit of syncs is named', async t => {
  const { findings } = await simulateThing(t, () => ({ status: {}, children: [configMap({})] }), { maxSyncs: 2 })
  t.match(findings, [{ fault: 'not-at-rest', message: 'does not come to rest: 2 syncs so far, as many as --max-syncs permits' }])
})
