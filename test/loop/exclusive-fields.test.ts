import t from 'tap'
import { lastAppliedAnnotation } from '../harness/dynamic-apply.js'
import type { Cluster } from '../harness/cluster.js'
import { applyAndSettle, child, condition, inCluster, sampleSource, stored, writesInSyncs } from './desk.js'

/* A person sets a field that excludes one of the hook's: an update with both is refused. */

const container = (deployment: any) => deployment.spec.template.spec.containers[0]
const variable = (deployment: any, name: string) => container(deployment).env.find((variable: { name: string }) => variable.name === name)

interface Edit {
  name: string
  kind: 'Deployment' | 'SinkBinding'
  edits: Array<(child: any) => void>
  /** A field that server-side apply does not remove, and how the person removes it. */
  conflict?: { path: string, takeAway: (child: any) => void }
}

const theirs = { configMapKeyRef: { name: 'theirs', key: 'k' } }
const env = 'spec.template.spec.containers["receive-adapter"].env'

const cases: Edit[] = [
  {
    name: 'has a value come from elsewhere',
    kind: 'Deployment',
    edits: [deployment => {
      const found = variable(deployment, 'EVENT_SOURCE')
      delete found.value
      found.valueFrom = theirs
    }]
  },
  {
    name: 'removes a variable, and adds it again',
    kind: 'Deployment',
    edits: [
      deployment => { container(deployment).env = container(deployment).env.filter(({ name }: { name: string }) => name !== 'EVENT_SOURCE') },
      deployment => { container(deployment).env.push({ name: 'EVENT_SOURCE', valueFrom: theirs }) }
    ],
    conflict: {
      path: `${env}["EVENT_SOURCE"].valueFrom`,
      takeAway: deployment => { container(deployment).env = container(deployment).env.filter(({ name }: { name: string }) => name !== 'EVENT_SOURCE') }
    }
  },
  {
    name: 'sets a value in its place',
    kind: 'Deployment',
    edits: [deployment => {
      const found = variable(deployment, 'NAME')
      delete found.valueFrom
      found.value = 'theirs'
    }]
  },
  {
    name: 'has it come from a Secret',
    kind: 'Deployment',
    edits: [deployment => { variable(deployment, 'NAME').valueFrom = { secretKeyRef: { name: 'theirs', key: 'k' } } }]
  },
  { name: 'sets a seccomp profile', kind: 'Deployment', edits: [deployment => { deployment.spec.template.spec.securityContext.seccompProfile = { type: 'Localhost', localhostProfile: 'theirs.json' } }] },
  { name: 'makes it privileged', kind: 'Deployment', edits: [deployment => { Object.assign(container(deployment).securityContext, { allowPrivilegeEscalation: true, privileged: true }) }] },
  { name: 'adds a capability', kind: 'Deployment', edits: [deployment => { Object.assign(container(deployment).securityContext, { allowPrivilegeEscalation: true, capabilities: { add: ['CAP_SYS_ADMIN'] } }) }] },
  { name: 'limits a resource below our request', kind: 'Deployment', edits: [deployment => { container(deployment).resources = { requests: { cpu: '1m' }, limits: { cpu: '5m' } } }] },
  { name: 'sets a short deadline', kind: 'Deployment', edits: [deployment => { Object.assign(deployment.spec, { minReadySeconds: 0, progressDeadlineSeconds: 3 }) }] },
  {
    name: 'has the subject be selected',
    kind: 'SinkBinding',
    edits: [({ spec }) => {
      delete spec.subject.name
      spec.subject.selector = { matchLabels: { theirs: 'x' } }
    }],
    conflict: {
      path: 'spec.subject.selector',
      takeAway: ({ spec }) => {
        delete spec.subject.selector
        spec.subject.name = 'theirs'
      }
    }
  },
  { name: 'has it send to a URI', kind: 'SinkBinding', edits: [({ spec }) => { spec.sink = { uri: 'http://theirs' } }] }
]

const source = sampleSource({ resources: { requests: { cpu: '10m' } } })

/** The same object with the env vars by name. */
const inOrder = (spec: any) => {
  const copy = structuredClone(spec)
  for (const { env } of copy.template?.spec.containers ?? []) env.sort((one: { name: string }, other: { name: string }) => one.name < other.name ? -1 : 1)
  return copy
}

const refusals = (cluster: Cluster) => cluster.api.writes.flatMap(({ refused }) => refused?.message ?? [])

for (const { name, kind, edits, conflict } of cases) {
  inCluster(t, `a person ${name} (${kind}): ours is restored`, async (t, cluster) => {
    await applyAndSettle(cluster, source)
    const before = child(cluster, kind)
    cluster.api.resetWrites()
    for (const edit of edits) cluster.person(before, edit, { manager: 'kubectl-edit' })
    await cluster.settle()
    t.same(refusals(cluster), [])

    if (conflict !== undefined && before.metadata.annotations?.[lastAppliedAnnotation] === undefined) {
      t.equal(condition(stored(cluster)), `False ${kind}Conflict`)
      const { message } = stored(cluster).status.conditions.find(({ type }: { type: string }) => type === 'Ready')
      t.ok(message.includes(`someone else has set ${conflict.path}, which`) && message.endsWith(`kubectl edit ${kind.toLowerCase()} ${before.metadata.name}.`), message)
      t.same(await writesInSyncs(cluster, 5), [])
      cluster.person(child(cluster, kind), conflict.takeAway, { manager: 'kubectl-edit' })
      await cluster.settle()
      t.same(refusals(cluster), [])
    }
    t.match(inOrder(child(cluster, kind).spec), inOrder(before.spec))
    t.equal(condition(stored(cluster)), 'True')
    t.same(await writesInSyncs(cluster, 5), [])
  })
}

inCluster(t, 'other fields that a person sets stay, and a repair is rolled out once', async (t, cluster) => {
  await applyAndSettle(cluster, source)
  const { metadata: { generation }, status: { observedGeneration } } = child(cluster, 'Deployment')
  t.equal(generation, observedGeneration)
  cluster.person(child(cluster, 'Deployment'), deployment => {
    Object.assign(container(deployment).securityContext, { allowPrivilegeEscalation: true, privileged: true, runAsUser: 1000 })
  }, { manager: 'kubectl-edit' })
  cluster.api.resetWrites()
  await cluster.settle()
  const templates = cluster.api.writes.filter(({ kind, changed, manager }) => kind === 'Deployment' && changed && manager === 'metacontroller')
    .filter(({ old, object }) => JSON.stringify(old?.spec.template) !== JSON.stringify(object?.spec.template))
  t.equal(templates.length, 1)
  t.match(container(child(cluster, 'Deployment')), { securityContext: { runAsUser: 1000, allowPrivilegeEscalation: false } })
  t.equal(container(child(cluster, 'Deployment')).securityContext.privileged, undefined)
})
