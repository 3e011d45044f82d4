import t from 'tap'
import { lastAppliedAnnotation } from '../harness/dynamic-apply.js'
import type { Cluster } from '../harness/cluster.js'
import { applyAndSettle, child, condition, inEveryCluster, sampleSource, stored, writesInSyncs } from './desk.js'

/* A person sets a field that excludes one of ours: an update that has both is refused. */

const container = (deployment: any) => deployment.spec.template.spec.containers[0]
const variable = (deployment: any, name: string) => container(deployment).env.find((variable: { name: string }) => variable.name === name)

interface Edit {
  name: string
  kind: 'Deployment' | 'SinkBinding'
  edit: (child: any) => void
  /** An object, which server-side apply takes away from nobody: its path, and how the person takes it away. */
  object?: { path: string, takeAway: (child: any) => void }
}

const env = 'spec.template.spec.containers["receive-adapter"].env'

const edits: Edit[] = [
  {
    name: 'has a value come from elsewhere',
    kind: 'Deployment',
    edit: deployment => {
      const found = variable(deployment, 'EVENT_SOURCE')
      delete found.value
      found.valueFrom = { configMapKeyRef: { name: 'theirs', key: 'k' } }
    },
    object: {
      path: `${env}["EVENT_SOURCE"].valueFrom`,
      takeAway: deployment => {
        const found = variable(deployment, 'EVENT_SOURCE')
        delete found.valueFrom
        found.value = 'theirs'
      }
    }
  },
  {
    name: 'sets a value in its place',
    kind: 'Deployment',
    edit: deployment => {
      const found = variable(deployment, 'NAME')
      delete found.valueFrom
      found.value = 'theirs'
    }
  },
  {
    name: 'has it come from a Secret',
    kind: 'Deployment',
    edit: deployment => { variable(deployment, 'NAME').valueFrom = { secretKeyRef: { name: 'theirs', key: 'k' } } },
    object: { path: `${env}["NAME"].valueFrom.secretKeyRef`, takeAway: deployment => { variable(deployment, 'NAME').valueFrom = { fieldRef: { fieldPath: 'metadata.uid' } } } }
  },
  { name: 'sets a seccomp profile', kind: 'Deployment', edit: deployment => { deployment.spec.template.spec.securityContext.seccompProfile = { type: 'Localhost', localhostProfile: 'theirs.json' } } },
  { name: 'makes it privileged', kind: 'Deployment', edit: deployment => { Object.assign(container(deployment).securityContext, { allowPrivilegeEscalation: true, privileged: true }) } },
  { name: 'adds a capability', kind: 'Deployment', edit: deployment => { Object.assign(container(deployment).securityContext, { allowPrivilegeEscalation: true, capabilities: { add: ['SYS_ADMIN'] } }) } },
  { name: 'limits a resource below our request', kind: 'Deployment', edit: deployment => { container(deployment).resources = { requests: { cpu: '1m' }, limits: { cpu: '5m' } } } },
  { name: 'sets a short deadline', kind: 'Deployment', edit: deployment => { Object.assign(deployment.spec, { minReadySeconds: 0, progressDeadlineSeconds: 3 }) } },
  {
    name: 'has the subject be selected',
    kind: 'SinkBinding',
    edit: ({ spec }) => {
      delete spec.subject.name
      spec.subject.selector = { matchLabels: { theirs: 'x' } }
    },
    object: {
      path: 'spec.subject.selector',
      takeAway: ({ spec }) => {
        delete spec.subject.selector
        spec.subject.name = 'theirs'
      }
    }
  },
  { name: 'has it send to a URI', kind: 'SinkBinding', edit: ({ spec }) => { spec.sink = { uri: 'http://theirs' } } }
]

const source = sampleSource({ resources: { requests: { cpu: '10m' } } })
const refusals = (cluster: Cluster) => cluster.api.writes.flatMap(({ refused }) => refused?.message ?? [])

for (const { name, kind, edit, object } of edits) {
  inEveryCluster(t, `a person ${name} (${kind}): ours is restored`, async (t, cluster) => {
    await applyAndSettle(cluster, source)
    const before = child(cluster, kind)
    cluster.api.resetWrites()
    cluster.person(before, edit, { manager: 'kubectl-edit' })
    await cluster.settle()
    t.same(refusals(cluster), [])

    if (object !== undefined && before.metadata.annotations?.[lastAppliedAnnotation] === undefined) {
      t.equal(condition(stored(cluster)), `False ${kind}Conflict`)
      const { message } = stored(cluster).status.conditions.find(({ type }: { type: string }) => type === 'Ready')
      t.ok(message.includes(`somebody has set ${object.path}, which`) && message.endsWith(`kubectl edit ${kind.toLowerCase()} ${before.metadata.name}.`), message)
      t.same(await writesInSyncs(cluster, 5), [])
      cluster.person(child(cluster, kind), object.takeAway, { manager: 'kubectl-edit' })
      await cluster.settle()
      t.same(refusals(cluster), [])
    }
    t.match(child(cluster, kind).spec, before.spec)
    t.equal(condition(stored(cluster)), 'True')
    t.same(await writesInSyncs(cluster, 5), [])
  })
}

inEveryCluster(t, 'what others set beside stays, and what is repaired is rolled out once', async (t, cluster) => {
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
