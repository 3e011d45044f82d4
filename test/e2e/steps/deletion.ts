import { getChildren, getSource, lookForChildren } from '../children.js'
import { until } from '../expect.js'
import type { KubeObject } from '../kube-object.js'
import type { Run, Step } from '../run.js'
import { sampleSource, sampleSources, sinkBindings } from '../sources.js'

/** A source is deleted, and its children with it. */
export const deletion: Step = {
  title: 'when a source is deleted, so are its children',
  prove: async run => {
    if (!run.hasControllerManager) {
      await deleteSource(run, 'heartbeat', 'background')
      return 'the source is gone; its children stay, because there is no garbage collector'
    }
    await expectCollected(run, 'heartbeat', 'background')
    await run.kubectl.create(sampleSource('heartbeat', run.namespace))
    const source = await getSource(run, 'heartbeat')
    await until(run.patience, 'both children', async () => await getChildren(run, source))
    await expectCollected(run, 'heartbeat', 'foreground')
    return 'in the background, and in the foreground'
  }
}

async function expectCollected (run: Run, name: string, cascade: 'background' | 'foreground'): Promise<void> {
  const source = await getSource(run, name)
  await deleteSource(run, name, cascade)
  await until(run.patience, `no child after a deletion in the ${cascade}`, async () => await lookForChildren(run, source), ({ deployment, sinkBinding }) => deployment === undefined && sinkBinding === undefined)
}

/** Deletes a source and waits until it is gone. */
export async function deleteSource ({ kubectl, namespace, patience: { timeoutSeconds } }: Run, name: string, cascade: 'background' | 'foreground' = 'background'): Promise<void> {
  await kubectl.wait(['delete', sampleSources, name, '--namespace', namespace, '--ignore-not-found', `--cascade=${cascade}`], timeoutSeconds)
}

/** Deletes a source and its children, with or without a garbage collector. */
export async function deleteAll (run: Run, source: KubeObject): Promise<void> {
  await deleteSource(run, source.metadata.name)
  const { deployment, sinkBinding } = await lookForChildren(run, source)
  for (const [resource, child] of [['deployments.apps', deployment], [sinkBindings, sinkBinding]] as const) {
    if (child !== undefined) await run.kubectl.run(['delete', resource, child.metadata.name, '--namespace', run.namespace, '--ignore-not-found'])
  }
}
