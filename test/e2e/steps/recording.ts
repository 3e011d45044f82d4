import * as names from '../../../src/samplesource/names.js'
import { getChildren, getSource, patchSource } from '../children.js'
import { until } from '../expect.js'
import type { Run, Step } from '../run.js'
import { sampleSource, sampleSources } from '../sources.js'
import { actForAbsentControllers } from '../absent-controllers.js'
import { changed } from '../../samplesource/source.js'
import { deleteAll } from './deletion.js'
import { withoutNewPods } from './promises.js'
import { becomeReady } from './ready.js'
import { compositeController } from './steady.js'

const name = 'heartbeat'

/** Cases that occur in no other step. They are here only to be recorded. */
export const recordingSteps: Step[] = [
  {
    title: 'recorded: pods that are refused',
    prove: async run => {
      await run.kubectl.create(sampleSource(name, run.namespace))
      await becomeReady(run, name)
      if (run.hasControllerManager) await refusePods(run)
      else await sayThatPodsAreRefused(run)
      await becomeReady(run, name)
    }
  },
  {
    title: 'recorded: the hook version v1',
    prove: async run => {
      const setVersion = async (version: string) => await run.kubectl.patch(await compositeController(), { spec: { hooks: { sync: { version } } } })
      await setVersion('v1')
      await untilRecorded(run, 'v1-keys')
      await setVersion('v2')
    }
  },
  {
    title: 'recorded: a source that is being deleted',
    prove: async run => {
      const source = await getSource(run, name)
      const setFinalizers = async (finalizers: string[] | null) => await run.kubectl.patch({ resource: sampleSources, name, namespace: run.namespace }, { metadata: { finalizers } })
      // Without it, the source may be gone before a sync sees its deletion.
      await setFinalizers([`${names.group}/recording`])
      await run.kubectl.run(['delete', sampleSources, name, '--namespace', run.namespace, '--wait=false'])
      await untilRecorded(run, 'being-deleted')
      await setFinalizers(null)
      await deleteAll(run, source)
    }
  }
]

async function untilRecorded (run: Run, name: string): Promise<void> {
  await until(run.patience, `the case ${name} recorded`, async () => run.recorder?.has(name) === true, seen => seen)
}

/** A quota, and a change that needs a new pod. */
async function refusePods (run: Run): Promise<void> {
  await withoutNewPods(run, async () => {
    await patchSource(run, name, changed(20))
    await until(run.patience, 'pods that are refused, recorded', async () => {
      await actForAbsentControllers(run, await getSource(run, name))
      return run.recorder?.has('deployment-failing') === true
    }, seen => seen)
  })
  // A new template is tried at once, a refused one only after a growing delay.
  await patchSource(run, name, changed(10))
}

/** The status that the Deployment controller would write. */
async function sayThatPodsAreRefused (run: Run): Promise<void> {
  const { deployment: { metadata: { name: deployment, namespace = '', generation }, status } } = await getChildren(run, await getSource(run, name))
  const setStatus = async (changes: object) => await run.kubectl.patch({ resource: 'deployments.apps', name: deployment, namespace }, { status: changes }, { subresource: 'status', manager: 'kube-controller-manager' })
  const [{ lastUpdateTime, lastTransitionTime }] = status.conditions
  const condition = (type: string, status: string, reason: string, message: string) => ({ type, status, reason, message, lastUpdateTime, lastTransitionTime })
  await setStatus({
    observedGeneration: generation,
    readyReplicas: null,
    availableReplicas: null,
    unavailableReplicas: 1,
    conditions: [
      condition('Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.'),
      condition('Progressing', 'True', 'NewReplicaSetCreated', `Created new replica set "${deployment}-5d8f6c7b9c"`),
      condition('ReplicaFailure', 'True', 'FailedCreate', `pods "${deployment}-5d8f6c7b9c-" is forbidden: exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0`)
    ]
  })
  await untilRecorded(run, 'deployment-failing')
  // The generation is not observed yet, so the Deployment is being rolled out.
  await setStatus({ observedGeneration: 0, unavailableReplicas: null })
}
