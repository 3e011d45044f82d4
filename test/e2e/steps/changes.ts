import { changed } from '../../samplesource/source.js'
import { getChildren, getSource, patchSource, referenceTo } from '../children.js'
import { expectContains, expectEqual, until } from '../expect.js'
import type { KubeObject } from '../kube-object.js'
import type { Run, Step } from '../run.js'
import { sinkName } from '../sources.js'
import { actForAbsentControllers } from '../absent-controllers.js'
import { becomeReady, expectChildren, untilConditions } from './ready.js'
import { expectNoWrite } from './steady.js'

/** Changes of a source that is ready, and of its children. */
export const changeSteps: Step[] = [
  {
    title: 'a change of the spec reaches only the child that it concerns',
    prove: async run => {
      const before = await getChildren(run, await getSource(run, 'heartbeat'))
      await patchSource(run, 'heartbeat', changed(20))
      const slower = await becomeReady(run, 'heartbeat')
      const { deployment, sinkBinding } = await getChildren(run, slower)
      expectChildren(run, slower, deployment, sinkBinding)
      expectEqual('uid of the Deployment', deployment.metadata.uid, before.deployment.metadata.uid)
      expectEqual('resourceVersion of the SinkBinding', sinkBinding.metadata.resourceVersion, before.sinkBinding.metadata.resourceVersion)

      await patchSource(run, 'heartbeat', { ceOverrides: { extensions: { team: null, region: 'eu' } } })
      const renamed = await becomeReady(run, 'heartbeat')
      const { sinkBinding: updated } = await getChildren(run, renamed)
      expectEqual('extensions of the SinkBinding', updated.spec.ceOverrides, { extensions: { region: 'eu' } })
      await patchSource(run, 'heartbeat', { ...changed(10), ceOverrides: { extensions: { team: 'samples', region: null } } })
      await becomeReady(run, 'heartbeat')
    }
  },
  {
    title: 'changes of a child by others are repaired, and a deleted child is created again',
    prove: async run => {
      for (const drift of drifts) {
        const source = await getSource(run, 'heartbeat')
        const { deployment, sinkBinding } = await getChildren(run, source)
        const child = drift.kind === 'Deployment' ? deployment : sinkBinding
        await run.kubectl.patch(referenceTo(child), drift.patch(run, child), { type: 'json', manager: 'kubectl-edit' })
        await untilRepaired(run, source, drift.what)
      }
      for (const kind of ['Deployment', 'SinkBinding'] as const) {
        const source = await getSource(run, 'heartbeat')
        const { deployment, sinkBinding } = await getChildren(run, source)
        const child = kind === 'Deployment' ? deployment : sinkBinding
        await run.kubectl.run(['delete', referenceTo(child).resource, child.metadata.name, '--namespace', run.namespace])
        await untilRepaired(run, source, `a ${kind} that was deleted`)
      }
      await becomeReady(run, 'heartbeat')
      await expectNoWrite(run, 'heartbeat')
      return [...drifts.map(({ what }) => what), 'each child deleted'].join(', ')
    }
  },
  {
    title: 'an invalid spec that the CRD accepts is reported and changes no child',
    prove: async run => {
      const before = await getChildren(run, await getSource(run, 'heartbeat'))
      await patchSource(run, 'heartbeat', { resources: { requests: { memory: '1Gi' } } })
      const source = await untilConditions(run, 'heartbeat', { SpecValid: 'False InvalidSpec', Ready: 'False InvalidSpec', Deployed: 'True' })
      expectContains('its status', source.status.conditions.find(({ type }: { type: string }) => type === 'Ready'), { message: 'spec.resources.requests.memory: expected at most the limit of 128Mi, got 1Gi' })
      await expectNoWrite(run, 'heartbeat')
      const after = await getChildren(run, source)
      for (const kind of ['deployment', 'sinkBinding'] as const) expectEqual(`resourceVersion of the ${kind}`, after[kind].metadata.resourceVersion, before[kind].metadata.resourceVersion)
      await patchSource(run, 'heartbeat', { resources: { requests: { memory: '64Mi' } } })
      await becomeReady(run, 'heartbeat')
    }
  }
]

interface Drift {
  kind: 'Deployment' | 'SinkBinding'
  what: string
  /** The JSON patch that a person applies to the current child. */
  patch: (run: Run, child: KubeObject) => object[]
}

const container = '/spec/template/spec/containers/0'

/** The path of an env var. */
function pathOf (deployment: KubeObject, name: string): string {
  const env: Array<{ name: string }> = deployment.spec.template.spec.containers[0].env
  return `${container}/env/${env.findIndex(variable => variable.name === name)}`
}

const drifts: Drift[] = [
  { kind: 'Deployment', what: 'replicas', patch: () => [{ op: 'replace', path: '/spec/replicas', value: 3 }] },
  { kind: 'Deployment', what: 'image', patch: ({ image }) => [{ op: 'replace', path: `${container}/image`, value: `${image}-edited` }] },
  { kind: 'Deployment', what: 'an env var', patch: () => [{ op: 'remove', path: `${container}/env/1` }] },
  { kind: 'Deployment', what: 'a security setting', patch: () => [{ op: 'remove', path: '/spec/template/spec/securityContext/runAsNonRoot' }, { op: 'add', path: `${container}/securityContext/runAsNonRoot`, value: true }] },
  // Fields that exclude ours: an object with both would be refused.
  { kind: 'Deployment', what: 'a value that comes from elsewhere', patch: (_, child) => [{ op: 'replace', path: pathOf(child, 'EVENT_SOURCE'), value: { name: 'EVENT_SOURCE', valueFrom: { configMapKeyRef: { name: 'edited', key: 'k', optional: true } } } }] },
  { kind: 'Deployment', what: 'a value in place of a reference', patch: (_, child) => [{ op: 'replace', path: pathOf(child, 'NAME'), value: { name: 'NAME', value: 'edited' } }] },
  { kind: 'Deployment', what: 'a seccomp profile', patch: () => [{ op: 'replace', path: '/spec/template/spec/securityContext/seccompProfile', value: { type: 'Localhost', localhostProfile: 'edited.json' } }] },
  { kind: 'Deployment', what: 'a privileged container', patch: () => [{ op: 'replace', path: `${container}/securityContext/allowPrivilegeEscalation`, value: true }, { op: 'add', path: `${container}/securityContext/privileged`, value: true }] },
  { kind: 'Deployment', what: 'a short deadline', patch: () => [{ op: 'replace', path: '/spec/minReadySeconds', value: 0 }, { op: 'replace', path: '/spec/progressDeadlineSeconds', value: 3 }] },
  { kind: 'SinkBinding', what: 'a URI in place of a ref', patch: () => [{ op: 'replace', path: '/spec/sink', value: { uri: 'http://edited.example' } }] },
  { kind: 'Deployment', what: 'a label', patch: () => [{ op: 'replace', path: '/metadata/labels/knative-eventing-source', value: 'edited' }] },
  { kind: 'SinkBinding', what: 'the sink', patch: () => [{ op: 'replace', path: '/spec/sink/ref/name', value: `${sinkName}-edited` }] },
  { kind: 'SinkBinding', what: 'the extensions', patch: () => [{ op: 'remove', path: '/spec/ceOverrides' }] }
]

async function untilRepaired (run: Run, source: KubeObject, what: string): Promise<void> {
  await until(run.patience, `repaired: ${what}`, async () => {
    await actForAbsentControllers(run, source)
    const { deployment, sinkBinding } = await getChildren(run, source)
    expectChildren(run, source, deployment, sinkBinding)
  })
}
