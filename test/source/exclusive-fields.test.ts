import t from 'tap'
import type { JsonObject, KubernetesObject } from '../../src/kubernetes/object.js'
import { answerFor, compareChild } from '../../src/metacontroller/children.js'
import { childEvents } from '../../src/metacontroller/reconciler-events.js'
import { propagateDeploymentAvailability } from '../../src/source/deployment-status.js'
import { makeWay } from '../../src/source/exclusive-fields.js'
import { propagateSinkBindingStatus } from '../../src/source/sink-binding-status.js'
import { hostileJson } from '../kubernetes/any-json.js'

const meta = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a' } }

/** A Deployment with a container, and fields of its pod and of itself. */
const deployment = (container: object, pod: object = {}, spec: object = {}) => ({ ...meta, spec: { ...spec, template: { spec: { ...pod, containers: [{ name: 'c', ...container }] } } } })
const sinkBinding = (spec: object) => ({ ...meta, kind: 'SinkBinding', spec })

type Child = KubernetesObject & { spec: object }

/** An observed object to which dynamic apply has applied something. */
const applied = (observed: Child, before: object): JsonObject =>
  ({ ...observed, metadata: { ...observed.metadata, annotations: { 'metacontroller.k8s.io/last-applied-configuration': JSON.stringify(before) } } })

/** An observed object of which server-side apply has applied nothing: others have set everything. */
const foreign = (observed: Child): JsonObject =>
  ({ ...observed, metadata: { ...observed.metadata, managedFields: [{ operation: 'Apply', fieldsV1: { 'f:metadata': { 'f:ownerReferences': {} } } }] } })

interface Case {
  name: string
  desired: Child
  observed: Child
  /** What server-side apply is asked for; or what it cannot take away. */
  then: Child | string
}

const seccomp = (profile: object) => deployment({}, { securityContext: { seccompProfile: profile } })

const cases: Case[] = [
  {
    name: 'a value, and a reference',
    desired: deployment({ env: [{ name: 'A', value: 'a' }, { name: 'B', value: 'b' }] }),
    observed: deployment({ env: [{ name: 'A', valueFrom: { fieldRef: {} } }, { name: 'B', value: 'b' }] }),
    then: 'spec.template.spec.containers["c"].env["A"].valueFrom'
  },
  {
    name: 'a reference, and a value',
    desired: deployment({ env: [{ name: 'A', valueFrom: { fieldRef: {} } }] }),
    observed: deployment({ env: [{ name: 'A', value: 'a' }] }),
    then: deployment({ env: [{ name: 'A', value: null, valueFrom: { fieldRef: {} } }] })
  },
  {
    name: 'two references',
    desired: deployment({ env: [{ name: 'A', valueFrom: { fieldRef: {} } }] }),
    observed: deployment({ env: [{ name: 'A', valueFrom: { secretKeyRef: {} } }] }),
    then: 'spec.template.spec.containers["c"].env["A"].valueFrom.secretKeyRef'
  },
  {
    name: 'a seccomp profile',
    desired: seccomp({ type: 'RuntimeDefault' }),
    observed: seccomp({ type: 'Localhost', localhostProfile: 'p' }),
    then: seccomp({ type: 'RuntimeDefault', localhostProfile: null })
  },
  {
    name: 'privileged',
    desired: deployment({ securityContext: { allowPrivilegeEscalation: false } }),
    observed: deployment({ securityContext: { allowPrivilegeEscalation: true, privileged: true } }),
    then: deployment({ securityContext: { allowPrivilegeEscalation: false, privileged: null } })
  },
  {
    name: 'a capability',
    desired: deployment({ securityContext: { allowPrivilegeEscalation: false } }),
    observed: deployment({ securityContext: { capabilities: { add: ['CAP_SYS_ADMIN'] } } }),
    then: deployment({ securityContext: { allowPrivilegeEscalation: false, capabilities: { add: null } } })
  },
  {
    name: 'a limit',
    desired: deployment({ resources: { requests: { cpu: '10m' } } }),
    observed: deployment({ resources: { limits: { cpu: '5m' } } }),
    then: deployment({ resources: { requests: { cpu: '10m' }, limits: { cpu: '10m' } } })
  },
  {
    name: 'a deadline',
    desired: deployment({}, {}, { minReadySeconds: 5 }),
    observed: deployment({}, {}, { progressDeadlineSeconds: 5 }),
    then: deployment({}, {}, { minReadySeconds: 5, progressDeadlineSeconds: null })
  },
  {
    name: 'a selector',
    desired: sinkBinding({ subject: { name: 'a' } }),
    observed: sinkBinding({ subject: { selector: {} } }),
    then: 'spec.subject.selector'
  },
  {
    name: 'a URI with a ref',
    desired: sinkBinding({ sink: { ref: { name: 'a' } } }),
    observed: sinkBinding({ sink: { uri: 'http://theirs' } }),
    then: sinkBinding({ sink: { ref: { name: 'a' }, uri: '' } })
  }
]

for (const { name, desired, observed, then } of cases) {
  t.test(name, async t => {
    const before = JSON.stringify(desired)
    const dynamic = (lastApplied: object) => makeWay(compareChild(applied(observed, lastApplied), desired), desired)
    t.same(dynamic(desired), { child: { ...dynamic(desired).child, conflicts: [] }, next: observed }, 'dynamic apply: first as it is')
    t.equal(dynamic(observed).next, desired, 'then as it is to be')
    const { child, next } = makeWay(compareChild(foreign(observed), desired), desired)
    const { conflicts } = child
    if (typeof then === 'string') {
      t.same(conflicts, [then])
      const finding = desired.kind === 'Deployment' ? propagateDeploymentAvailability(child, 'done') : propagateSinkBindingStatus(child, 'Ready')
      t.match(finding, { status: 'False', reason: `${desired.kind}Conflict`, message: `someone else has set ${then}, which` })
      t.match(answerFor(child, desired), { kind: desired.kind, metadata: { name: 'a' }, spec: undefined }, 'it is left as it is')
      t.equal(answerFor({ ...child, observed: {} }, desired), desired, 'but one that does not say what it is cannot be named')
      t.same(childEvents({ kind: desired.kind, label: '', condition: '' }, child), [])
    } else t.same({ conflicts, next }, { conflicts: [], next: then })
    t.equal(JSON.stringify(desired), before)
  })
}

t.test('server-side apply: an env var that is only partly theirs is removed and added again', async t => {
  const env = { [`k:${JSON.stringify({ name: 'A' })}`]: { '.': {}, 'f:name': {} } }
  const fieldsV1 = { 'f:metadata': { 'f:ownerReferences': {} }, 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { [`k:${JSON.stringify({ name: 'c' })}`]: { 'f:name': {}, 'f:env': env } } } } } }
  const desired = deployment({ env: [{ name: 'A', value: 'a' }, { name: 'B', value: 'b' }] })
  for (const valueFrom of [{ fieldRef: {} }, { secretKeyRef: {} }]) {
    const observed = deployment({ env: [{ name: 'A', valueFrom }, { name: 'B', value: 'b' }] })
    const { child, next } = makeWay(compareChild({ ...observed, metadata: { ...observed.metadata, managedFields: [{ operation: 'Apply', fieldsV1 }] } }, desired), desired)
    t.same({ conflicts: child.conflicts, next }, { conflicts: [], next: deployment({ env: [{ name: 'B', value: 'b' }] }) })
  }
})

t.test('values that cannot become a number or a text exclude nothing', async t => {
  for (const odd of hostileJson) {
    for (const [desired, observed] of [
      [deployment({}, {}, { minReadySeconds: 5 }), deployment({}, {}, { progressDeadlineSeconds: odd })],
      [deployment({}, {}, { progressDeadlineSeconds: 5 }), deployment({}, {}, { minReadySeconds: odd })],
      [sinkBinding({ sink: { ref: {} } }), sinkBinding({ sink: { uri: odd } })]
    ] as const) t.equal(makeWay(compareChild(applied(observed, {}), desired), desired).next, desired)
  }
})

t.test('fields without a conflict', async t => {
  const desired = deployment({ env: [{ name: 'A', value: 'a' }], resources: { requests: { cpu: '10m', memory: 7 } }, securityContext: { allowPrivilegeEscalation: false } })
  const others: Child[] = [
    deployment({ env: [{ name: 'B', valueFrom: {} }, 7, {}], resources: { limits: { cpu: 'x', memory: '1' } }, securityContext: { capabilities: { add: ['CHOWN'] } } }, { securityContext: { seccompProfile: { type: 'Unconfined' } } }),
    { ...meta, spec: {} },
    { ...meta, kind: 'Widget', spec: {} }
  ]
  for (const observed of others) {
    const wanted = { ...desired, kind: observed.kind }
    t.same(makeWay(compareChild(applied(observed, {}), wanted), wanted).next, wanted)
    t.same(makeWay(compareChild(observed as unknown as JsonObject, wanted), wanted).child.conflicts, [])
  }
  const same = compareChild(desired as unknown as JsonObject, desired)
  t.same(makeWay(same, desired), { child: same, next: desired })
  t.same(makeWay(compareChild(undefined, desired), desired).next, desired)
  t.same(makeWay(compareChild(desired as unknown as JsonObject, undefined), undefined).next, undefined)
})
