import * as names from '../../../src/samplesource/names.js'
import { actForAbsentControllers } from '../absent-controllers.js'
import { conditionsOf, getChildren, getSource } from '../children.js'
import { expectContains, expectEqual, until, Unexpected } from '../expect.js'
import { condition, type KubeObject } from '../kube-object.js'
import { readManifest } from '../manifests.js'
import { appliedBy } from '../metacontroller.js'
import type { Run, Step } from '../run.js'
import { expectedDeployment, expectedSinkBinding, sampleSource, sampleSources, sinkName, withEnv } from '../sources.js'
import { readTable } from '../table.js'

/** From a new source to a ready one. */
export const readySteps: Step[] = [
  {
    title: 'a source gets its children, with the right content and owner',
    prove: async run => {
      await run.kubectl.create(sampleSource('heartbeat', run.namespace))
      const source = await getSource(run, 'heartbeat')
      const { deployment, sinkBinding } = await until(run.patience, 'both children (does Metacontroller run and reach the hook?)', async () => await getChildren(run, source))
      expectChildren(run, source, deployment, sinkBinding, 0)
      const strategy = appliedBy(deployment)
      const { metacontroller } = run.facts
      if (strategy === undefined || (metacontroller !== undefined && metacontroller.applyStrategy !== strategy)) {
        throw new Unexpected(`a Deployment written by Metacontroller with ${metacontroller?.applyStrategy ?? 'dynamic-apply or server-side-apply'}`, strategy)
      }
      return `written by ${strategy}`
    }
  },
  {
    title: 'without its sink, the source reports that and starts no pod',
    prove: async run => {
      const waiting = await untilConditions(run, 'heartbeat', { SpecValid: 'True', SinkProvided: 'False', SinkBindingReady: 'False', Deployed: 'Unknown WaitingForSink', Ready: 'False' })
      const { deployment } = await getChildren(run, waiting)
      expectContains('a Deployment without pods', { replicas: deployment.spec.replicas, pods: deployment.status?.replicas ?? 0 }, { replicas: 0, pods: 0 })
      const { row } = await printed(run, 'heartbeat')
      expectContains('the output of kubectl get', row, { NAME: 'heartbeat', READY: 'False' })
      const source = await getSource(run, 'heartbeat')
      expectEqual('the printed reason, which is the reason of the condition', `False ${row['REASON']}`, condition(source))
    }
  },
  {
    title: 'once the sink exists, the source becomes ready',
    prove: async run => {
      for (const object of await readManifest('examples/event-display-service.yaml')) await run.kubectl.create({ ...object, metadata: { ...object.metadata, namespace: run.namespace } })
      if (run.level === 'full') for (const object of await readManifest('examples/event-display-deployment.yaml')) await run.kubectl.create({ ...object, metadata: { ...object.metadata, namespace: run.namespace } })
      const source = await becomeReady(run, 'heartbeat')
      expectContains('its status', source.status, {
        observedGeneration: 1,
        sinkUri: `http://${sinkName}.${run.namespace}.svc.cluster.local`,
        ceAttributes: [{ type: names.eventType, source: names.eventSource }]
      })
      const { deployment, sinkBinding } = await getChildren(run, source)
      expectChildren(run, source, deployment, sinkBinding)
    }
  },
  {
    title: 'kubectl prints the columns, and lists sources by category',
    prove: async run => {
      const { header, row } = await printed(run, 'heartbeat')
      expectEqual('columns', header, ['NAME', 'READY', 'REASON', 'SINK', 'AGE'])
      expectContains('the output of kubectl get', { ...row, hasAge: /^\d+[smh]/.test(row['AGE'] ?? '') }, {
        NAME: 'heartbeat',
        READY: 'True',
        REASON: '',
        SINK: `http://${sinkName}.${run.namespace}.svc.cluster.local`,
        hasAge: true
      })
      for (const category of ['sources', 'knative', 'eventing', 'all']) {
        const listed = await run.kubectl.run(['get', category, '--namespace', run.namespace, '--output', 'name'])
        if (!listed.split('\n').includes(`${names.singular}.${names.group}/heartbeat`)) throw new Unexpected(`the source among \`kubectl get ${category}\``, listed)
      }
    }
  }
]

/** Compares the children with the spec of their source. */
export function expectChildren (run: Run, source: KubeObject, deployment: KubeObject, sinkBinding: KubeObject, replicas = 1): void {
  expectContains('a Deployment', withEnv(deployment), expectedDeployment(source, run.image, replicas))
  expectContains('a SinkBinding', sinkBinding, expectedSinkBinding(source, deployment))
}

/** Waits until a source is ready in its latest generation. @returns the source */
export async function becomeReady (run: Run, name: string): Promise<KubeObject> {
  return await untilConditions(run, name, { SpecValid: 'True', SinkProvided: 'True', SinkBindingReady: 'True', Deployed: 'True', Ready: 'True' })
}

/** Waits for these conditions in a status of the latest generation: `True`, `False`, or with a reason. */
export async function untilConditions (run: Run, name: string, expected: Record<string, string>): Promise<KubeObject> {
  const look = async () => {
    await actForAbsentControllers(run, await getSource(run, name))
    const source = await getSource(run, name)
    const conditions = conditionsOf(source)
    const differ = Object.entries(expected).some(([type, value]) => conditions[type] !== value && conditions[type]?.split(' ')[0] !== value)
    if (differ || source.status.observedGeneration !== source.metadata.generation) {
      throw new Unexpected(`source ${name} with conditions ${JSON.stringify(expected)} at generation ${source.metadata.generation}`, { observedGeneration: source.status?.observedGeneration, conditions: source.status?.conditions })
    }
    return source
  }
  return await until(run.patience, 'a status', look)
}

async function printed ({ kubectl, namespace }: Run, name: string) {
  return readTable(await kubectl.run(['get', sampleSources, name, '--namespace', namespace]))
}
