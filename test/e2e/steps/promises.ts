import { setTimeout } from 'node:timers/promises'
import { changed } from '../../samplesource/source.js'
import { actForAbsentControllers } from '../absent-controllers.js'
import { conditionsOf, getChildren, getSource, patchSource, referenceTo } from '../children.js'
import { until, Unexpected } from '../expect.js'
import { condition, type KubeObject } from '../kube-object.js'
import type { Run, Step } from '../run.js'
import { sampleSource } from '../sources.js'
import { deleteAll } from './deletion.js'
import { becomeReady, untilConditions } from './ready.js'

const name = 'promises'

/** A source is Ready only while its adapter runs as it should. An available Deployment is not enough. */
export const promiseSteps: Step[] = [
  {
    title: 'a paused rollout is reported as paused',
    prove: async run => {
      await run.kubectl.create(sampleSource(name, run.namespace))
      await becomeReady(run, name)
      await patchDeployment(run, [{ op: 'add', path: '/spec/paused', value: true }])
      await patchSource(run, name, changed(20))
      await untilConditions(run, name, { Deployed: 'Unknown DeploymentPaused', Ready: 'Unknown DeploymentPaused' })
      await patchDeployment(run, [{ op: 'remove', path: '/spec/paused' }])
      await becomeReady(run, name)
    }
  },
  {
    title: 'a source without a pod is not ready, even if its Deployment counts as available',
    prove: async run => {
      if (!run.hasControllerManager) return 'not tested: there is no controller manager'
      const { strategy } = (await deploymentOf(run)).spec
      await setStrategy(run, { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } })
      await becomeReady(run, name)
      await withoutNewPods(run, async () => {
        await patchSource(run, name, changed(30))
        await untilConditions(run, name, { Deployed: 'False FailedCreate', Ready: 'False FailedCreate' })
        const { status } = await until(run.patience, 'a Deployment without a pod', async () => await deploymentOf(run), ({ status }) => (status.replicas ?? 0) === 0)
        const available = status.conditions.find(({ type }: { type: string }) => type === 'Available')
        if (available?.status !== 'True') throw new Unexpected('a Deployment that counts as available, since maxUnavailable is 1', status)
        await untilConditions(run, name, { Deployed: 'False FailedCreate', Ready: 'False FailedCreate' })
      })
      await setStrategy(run, strategy)
      // A new template is tried at once, a refused one only after a growing delay.
      await patchSource(run, name, changed(10))
      await becomeReady(run, name)
      return 'maxSurge 0, maxUnavailable 1, and a quota of no pods'
    }
  },
  {
    title: 'a pod that sends to another sink is not ready',
    prove: async run => {
      if (run.facts.hasSinkBindingController) return 'not tested: Knative\'s webhook does not allow another sink'
      const deployment = await deploymentOf(run)
      const env: Array<{ name: string }> = deployment.spec.template.spec.containers[0].env
      const index = env.findIndex(({ name }) => name === 'K_SINK')
      await patchDeployment(run, [{ op: 'replace', path: `/spec/template/spec/containers/0/env/${index}/value`, value: 'http://edited.example' }])
      await until(run.patience, 'a source that says so', async () => conditionsOf(await getSource(run, name)), ({ Deployed, Ready }) => Deployed === 'Unknown SinkNotInjected' && Ready === Deployed)
      await becomeReady(run, name)
    }
  },
  {
    title: 'a pod that exits at once does not replace a working one',
    prove: async run => {
      if (run.level === 'full') await breakPods(run)
      await deleteAll(run, await getSource(run, name))
      return run.level === 'full' ? 'an adapter with a setting that it refuses' : 'not tested: there are no pods'
    }
  }
]

/** How long to wait whether pods that exit at once become available, in seconds: more than their `minReadySeconds`. */
const crashSeconds = 15

/** Adds an env var that the adapter refuses. The hook leaves it there. */
async function breakPods (run: Run): Promise<void> {
  const first = await until(run.patience, 'the one pod of a ready source', async () => await podsOf(run), pods => pods.length === 1)
  await patchDeployment(run, [{ op: 'add', path: '/spec/template/spec/containers/0/env/-', value: { name: 'METRICS_PORT', value: 'none' } }])
  await until(run.patience, 'a pod that has restarted', async () => await podsOf(run), pods => pods.some(({ status }) => status.containerStatuses?.[0]?.restartCount > 0))
  await setTimeout(crashSeconds * 1000, undefined, { signal: run.patience.signal })
  const pods = await podsOf(run)
  const old = pods.find(({ metadata }) => metadata.uid === first[0]?.metadata.uid)
  if (condition(old) !== 'True') throw new Unexpected(`the pod from before (${first[0]?.metadata.name}), still running`, pods.map(pod => `${pod.metadata.name}: ${condition(pod)}`))
  const { Ready } = conditionsOf(await getSource(run, name))
  if (Ready?.startsWith('True') !== false) throw new Unexpected('a source that is not ready', Ready)
  const { env } = (await deploymentOf(run)).spec.template.spec.containers[0]
  await patchDeployment(run, [{ op: 'remove', path: `/spec/template/spec/containers/0/env/${env.findIndex((variable: { name: string }) => variable.name === 'METRICS_PORT')}` }])
  await becomeReady(run, name)
}

async function podsOf (run: Run): Promise<KubeObject[]> {
  const { spec: { selector: { matchLabels } } } = await deploymentOf(run)
  return await run.kubectl.list('pods', '--namespace', run.namespace, '--selector', Object.entries(matchLabels).map(([label, value]) => `${label}=${String(value)}`).join(','))
}

async function deploymentOf (run: Run): Promise<KubeObject> {
  const source = await getSource(run, name)
  await actForAbsentControllers(run, source)
  return (await getChildren(run, source)).deployment
}

async function patchDeployment (run: Run, patch: object[]): Promise<void> {
  const { deployment } = await getChildren(run, await getSource(run, name))
  await run.kubectl.patch(referenceTo(deployment), patch, { type: 'json', manager: 'kubectl-edit' })
}

/** Sets the strategy of the Deployment, as a person does. The hook leaves it there. */
async function setStrategy (run: Run, value: object): Promise<void> {
  await patchDeployment(run, [{ op: 'replace', path: '/spec/strategy', value }])
}

/** Does something while a quota forbids new pods in the namespace. */
export async function withoutNewPods ({ kubectl, namespace }: Run, work: () => Promise<void>): Promise<void> {
  await kubectl.create({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'none', namespace }, spec: { hard: { pods: '0' } } })
  await work()
  await kubectl.run(['delete', 'resourcequotas', 'none', '--namespace', namespace])
}
