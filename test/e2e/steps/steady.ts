import { isDeepStrictEqual } from 'node:util'
import { getChildren, getSource, versionsOf } from '../children.js'
import { expectEqual, until, Unexpected } from '../expect.js'
import { find } from '../kube-object.js'
import { readManifest } from '../manifests.js'
import type { Run, Step } from '../run.js'
import { compositeControllers } from '../sources.js'

/** How many syncs must not write anything. */
const syncs = 10

/** How many syncs without a write mean that the source is at rest. */
const syncsAtRest = 3

/** Nothing is written while nothing changes. */
export const steady: Step = {
  title: 'no write in a steady state',
  prove: async run => {
    const forced = await expectNoWrite(run, 'heartbeat')
    return `${forced} forced syncs, and the resourceVersions of the source and both children stay`
  }
}

/**
 * Makes Metacontroller sync a source again and again, with writes only to the CompositeController: a change of
 * its resync period makes it sync every source.
 *
 * @returns the number of syncs
 * @throws Unexpected if the source or a child was written meanwhile
 */
export async function expectNoWrite (run: Run, name: string): Promise<number> {
  const resync = async (seconds: number) => await run.kubectl.patch(await compositeController(), { spec: { resyncPeriodSeconds: seconds } })
  await resync(1)
  const before = await untilAtRest(run, name)
  const begun = await run.hook.syncs()
  const ended = await until(run.patience, `${syncs} syncs`, async () => await run.hook.syncs(), count => count >= begun + syncs)
  expectEqual('resourceVersions', await versionsOf(run, name), before)
  await resync((await readComposite()).spec.resyncPeriodSeconds)
  return ended - begun
}

/** Waits until a source and its children are not written any more. @returns their resourceVersions */
async function untilAtRest (run: Run, name: string) {
  const look = async () => {
    const { deployment } = await getChildren(run, await getSource(run, name))
    // The status of the Deployment changes once these are gone.
    if (deployment.status?.terminatingReplicas > 0) throw new Unexpected('no old pod that is still terminating', deployment.status)
    return { versions: await versionsOf(run, name), syncs: await run.hook.syncs() }
  }
  let before = await until(run.patience, 'a source without old pods', look)
  return await until(run.patience, 'a source at rest', async () => {
    const now = await look()
    const stays = isDeepStrictEqual(now.versions, before.versions)
    if (stays && now.syncs >= before.syncs + syncsAtRest) return now.versions
    const unexpected = new Unexpected(`resourceVersions that stay over ${syncsAtRest} syncs`, { before, now })
    if (!stays) before = now
    throw unexpected
  })
}

/** The CompositeController of the manifests. */
async function readComposite () {
  return find(await readManifest('base/composite-controller.yaml'), 'CompositeController')
}

export async function compositeController () {
  return { resource: compositeControllers, name: (await readComposite()).metadata.name }
}
