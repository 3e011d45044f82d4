import t from 'tap'
import { ApiServer } from './api-server.js'
import { Clock } from './clock.js'
import { DeploymentController } from './deployment-controller.js'

/*
 * The expected steps are those of kube-controller-manager 1.34, seen with `kubectl get -w`.
 */

const reference = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', namespace: 'default' } }
const deployment = {
  ...reference,
  spec: {
    selector: { matchLabels: { app: 'd' } },
    template: { metadata: { labels: { app: 'd' } }, spec: { containers: [{ name: 'c', image: 'x:1', env: [{ name: 'A', value: '1' }] }] } }
  }
}

function makeCluster () {
  const clock = new Clock()
  const api = new ApiServer(clock)
  const controller = new DeploymentController(api, clock)
  const steps: string[] = []
  api.watch(({ type, object, old }) => {
    if (type === 'MODIFIED' && object.status !== old?.status) steps.push(describe(object.status, object.metadata.annotations))
  })
  const run = () => {
    steps.length = 0
    while (controller.step());
    return steps
  }
  const change = (value: string) => api.patch(reference, draft => { draft.spec.template.spec.containers[0].env[0].value = value }, { manager: 'm' })
  return { api, clock, controller, run, change }
}

/** `gen 1 rev 1: 1 replicas, 1 updated, 1 ready, 1 unavailable; Available False, Progressing ReplicaSetUpdated` */
function describe (status: any, annotations: any): string {
  const counters = [['replicas', 'replicas'], ['updatedReplicas', 'updated'], ['readyReplicas', 'ready'], ['unavailableReplicas', 'unavailable']] as const
  const counts = counters.flatMap(([field, word]) => status[field] === undefined ? [] : [`${status[field]} ${word}`])
  const conditions = (status.conditions ?? []).map(({ type, status, reason }: any) => `${type} ${type === 'Available' ? status : reason}`)
  return `gen ${status.observedGeneration ?? '-'} rev ${annotations['deployment.kubernetes.io/revision']}: ${counts.join(', ')}; ${conditions.join(', ')}`
}

const fresh = [
  'gen - rev 1: ; Progressing NewReplicaSetCreated',
  'gen 1 rev 1: 1 unavailable; Progressing NewReplicaSetCreated, Available False',
  'gen 1 rev 1: 1 replicas, 1 updated, 1 unavailable; Available False, Progressing ReplicaSetUpdated',
  'gen 1 rev 1: 1 replicas, 1 updated, 1 ready; Available True, Progressing NewReplicaSetAvailable'
]

t.test('a new Deployment becomes available in the steps of a real one, and is then left alone', async t => {
  const { api, run } = makeCluster()
  api.create(deployment, { manager: 'm' })
  t.strictSame(run(), fresh)
  const { status, metadata } = api.get(reference)
  t.match(status.conditions, [
    { type: 'Available', status: 'True', message: 'Deployment has minimum availability.' },
    { type: 'Progressing', status: 'True', message: /^ReplicaSet "d-[bcdfghjklmnpqrstvwxz2456789]{10}" has successfully progressed\.$/ }
  ])
  t.equal(metadata.generation, 1)
  t.equal(api.count({ changed: false }), 0)
})

t.test('a pod is available once it has been ready for minReadySeconds', async t => {
  const { api, clock, run, change, controller } = makeCluster()
  api.create({ ...deployment, spec: { ...deployment.spec, minReadySeconds: 5 } }, { manager: 'm' })
  t.match(run().at(-1), /1 replicas, 1 updated, 1 ready, 1 unavailable; Available False, Progressing ReplicaSetUpdated$/)
  clock.advanceTo(clock.now + 4_999)
  t.same(run(), [])
  clock.advanceTo(clock.now + 1)
  t.strictSame(run(), ['gen 1 rev 1: 1 replicas, 1 updated, 1 ready; Available True, Progressing NewReplicaSetAvailable'])

  change('2')
  t.match(run().at(-1), /2 replicas, 1 updated, 2 ready, 1 unavailable; Available True/, 'the old pod stays until the new one is available')
  controller.be('failing')
  controller.be('unready')
  run()
  controller.be('working')
  clock.advanceTo(clock.now + 5_000)
  run()
  t.equal(api.get(reference).status.updatedReplicas, 1)
  clock.advanceTo(clock.now + 5_000)
  t.match(run().at(-1), /1 replicas, 1 updated, 1 ready; Available True/)
})

t.test('a change of the template starts a rollout: the old pod stops when the new one is ready', async t => {
  const { api, run, change } = makeCluster()
  api.create(deployment, { manager: 'm' })
  run()
  change('2')
  t.strictSame(run(), [
    'gen 1 rev 2: 1 replicas, 1 updated, 1 ready; Available True, Progressing NewReplicaSetCreated',
    'gen 2 rev 2: 1 replicas, 1 ready, 1 unavailable; Available True, Progressing NewReplicaSetCreated',
    'gen 2 rev 2: 2 replicas, 1 updated, 1 ready, 1 unavailable; Available True, Progressing ReplicaSetUpdated',
    'gen 2 rev 2: 2 replicas, 1 updated, 2 ready; Available True, Progressing ReplicaSetUpdated',
    'gen 2 rev 2: 1 replicas, 1 updated, 1 ready; Available True, Progressing NewReplicaSetAvailable'
  ])
  change('1')
  t.match(run().at(-1), /^gen 3 rev 3: 1 replicas, 1 updated, 1 ready; Available True/, 'back to the previous template')
})

t.test('scaled by a person, and scaled back', async t => {
  const { api, run } = makeCluster()
  api.create(deployment, { manager: 'm' })
  run()
  api.patch(reference, { spec: { replicas: 3 } }, { manager: 'm' })
  t.strictSame(run(), [
    'gen 2 rev 1: 1 replicas, 1 updated, 1 ready; Progressing NewReplicaSetAvailable, Available False',
    'gen 2 rev 1: 1 replicas, 1 updated, 1 ready, 2 unavailable; Progressing NewReplicaSetAvailable, Available False',
    'gen 2 rev 1: 3 replicas, 3 updated, 1 ready, 2 unavailable; Progressing NewReplicaSetAvailable, Available False',
    'gen 2 rev 1: 3 replicas, 3 updated, 3 ready; Progressing NewReplicaSetAvailable, Available True'
  ])
  api.patch(reference, { spec: { replicas: 1 } }, { manager: 'm' })
  t.strictSame(run(), [
    'gen 3 rev 1: 3 replicas, 3 updated, 3 ready; Progressing NewReplicaSetAvailable, Available True',
    'gen 3 rev 1: 1 replicas, 1 updated, 1 ready; Progressing NewReplicaSetAvailable, Available True'
  ])
  api.patch(reference, { spec: { replicas: 0 } }, { manager: 'm' })
  t.match(run().at(-1), /^gen 4 rev 1: ; .*Available True/, 'none are wanted, so there are enough')
})

t.test('an annotation raises the generation, and starts no rollout', async t => {
  const { api, run } = makeCluster()
  api.create(deployment, { manager: 'm' })
  run()
  api.patch(reference, { metadata: { annotations: { a: 'b' } } }, { manager: 'm' })
  t.strictSame(run(), ['gen 2 rev 1: 1 replicas, 1 updated, 1 ready; Available True, Progressing NewReplicaSetAvailable'])
})

t.test('pods that never become ready are reported after the deadline', async t => {
  const { api, clock, controller, run } = makeCluster()
  controller.be('failing')
  api.create({ ...deployment, spec: { ...deployment.spec, progressDeadlineSeconds: 15 } }, { manager: 'm' })
  t.strictSame(run(), fresh.slice(0, 3))
  clock.advanceTo(clock.now + 10_000)
  t.strictSame(run(), [])
  clock.advanceTo(clock.now + 6000)
  t.strictSame(run(), ['gen 1 rev 1: 1 replicas, 1 updated, 1 unavailable; Available False, Progressing ProgressDeadlineExceeded'])
  t.match(api.get(reference).status.conditions[1], { status: 'False', message: /has timed out progressing\.$/, lastTransitionTime: '2026-01-01T00:00:16Z' })
  controller.be('working')
  t.match(run().at(-1), /Available True, Progressing NewReplicaSetAvailable$/)
})

t.test('pods that are refused', async t => {
  const { api, controller, run, change } = makeCluster()
  api.create(deployment, { manager: 'm' })
  run()
  controller.be('refused')
  change('2')
  t.equal(run().at(-1), 'gen 2 rev 2: 1 replicas, 1 ready, 1 unavailable; Available True, Progressing NewReplicaSetCreated, ReplicaFailure FailedCreate')
  t.match(api.get(reference).status.conditions[2], { status: 'True', message: /^pods "d-.*" is forbidden: exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0$/ })
  controller.be('working')
  t.equal(run().at(-1), 'gen 2 rev 2: 1 replicas, 1 updated, 1 ready; Available True, Progressing NewReplicaSetAvailable')
})

t.test('a pod that is ready, then not, then again', async t => {
  const { api, controller, run } = makeCluster()
  api.create(deployment, { manager: 'm' })
  run()
  controller.be('unready', reference)
  t.strictSame(run(), ['gen 1 rev 1: 1 replicas, 1 updated, 1 unavailable; Progressing NewReplicaSetAvailable, Available False'])
  controller.be('working', reference)
  t.strictSame(run(), ['gen 1 rev 1: 1 replicas, 1 updated, 1 ready; Progressing NewReplicaSetAvailable, Available True'])
})

t.test('a controller that lags', async t => {
  const { api, controller, run } = makeCluster()
  controller.be('lagging')
  api.create(deployment, { manager: 'm' })
  t.strictSame(run(), [])
  controller.be('working')
  t.strictSame(run(), fresh)
})

t.test('pods that start slowly', async t => {
  const { api, clock, controller, run } = makeCluster()
  controller.startupSeconds = 3
  api.create(deployment, { manager: 'm' })
  t.strictSame(run(), fresh.slice(0, 3))
  clock.advanceTo(clock.now + 2000)
  t.strictSame(run(), [])
  clock.advanceTo(clock.now + 1000)
  t.strictSame(run(), fresh.slice(3))
})

t.test('strategy Recreate: no pod of the new template while one of the old is there', async t => {
  const { api, run, change } = makeCluster()
  api.create({ ...deployment, spec: { ...deployment.spec, strategy: { type: 'Recreate' } } }, { manager: 'm' })
  run()
  change('2')
  const steps = run()
  t.notOk(steps.some(step => step.includes('2 replicas')))
  t.match(steps.at(-1), /^gen 2 rev 2: 1 replicas, 1 updated, 1 ready; Available True/)
})
