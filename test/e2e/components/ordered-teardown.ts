import { setTimeout } from 'node:timers/promises'
import * as names from '../../../src/samplesource/names.js'
import { getSource, lookForChildren } from '../children.js'
import { expectEqual, until, Unexpected } from '../expect.js'
import { Kubectl } from '../kubectl.js'
import { sampleSources } from '../sources.js'
import type { Trial } from './trials.js'

/** A finalizer that keeps the Deployment for a while, to see that the others wait for it. */
const hold = `${names.group}/e2e-hold`

/** The SinkBinding stays until the Deployment is gone, and the source until both are. */
export async function deploymentGoesFirst ({ run, source }: Trial): Promise<string | undefined> {
  const { kubectl, namespace, patience } = run
  const { name } = source.metadata
  await until(patience, 'a finalizer on the source', async () => (await getSource(run, name)).metadata.finalizers ?? [], finalizers => finalizers.some(finalizer => finalizer.startsWith('metacontroller.io/')))
  const { deployment } = await lookForChildren(run, source)
  if (deployment === undefined) throw new Unexpected('a Deployment', deployment)
  const reference = { resource: 'deployments.apps', name: deployment.metadata.name, namespace }
  const letGo = async (client: Kubectl) => {
    if (await client.get(reference) !== undefined) await client.patch(reference, { metadata: { finalizers: null } })
  }
  // An interruption must not leave the finalizer behind.
  run.cleanup.add(`the finalizer ${hold} of ${namespace}/${deployment.metadata.name}`, async () => await letGo(new Kubectl(run.facts.context)))
  await kubectl.patch(reference, { metadata: { finalizers: [hold] } })
  await kubectl.run(['delete', sampleSources, name, '--namespace', namespace, '--wait=false'])
  await until(patience, 'a Deployment that is being deleted', async () => (await kubectl.get(reference))?.metadata.deletionTimestamp, time => time !== undefined)
  // Long enough for a sync that would delete it.
  await setTimeout(2_000, undefined, { signal: patience.signal })
  const { sinkBinding } = await lookForChildren(run, source)
  expectEqual('the SinkBinding meanwhile', sinkBinding === undefined ? 'gone' : sinkBinding.metadata.deletionTimestamp ?? 'there', 'there')
  await letGo(kubectl)
  await until(patience, 'neither source nor children', async () => [await kubectl.get({ resource: sampleSources, name, namespace }), ...Object.values(await lookForChildren(run, source))].filter(object => object !== undefined).map(({ kind }) => kind), kinds => kinds.length === 0)
  return 'the SinkBinding is deleted after the Deployment'
}
