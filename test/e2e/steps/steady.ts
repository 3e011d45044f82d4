import { versionsOf } from '../children.js'
import { expectEqual, until } from '../expect.js'
import { find } from '../kube-object.js'
import { readManifest } from '../manifests.js'
import type { Run, Step } from '../run.js'
import { compositeControllers } from '../sources.js'

/** How often the hook is called while nobody may write. */
const syncs = 10

/** Nothing is written while nothing happens. */
export const steady: Step = {
  title: 'no write in a steady state',
  prove: async run => {
    const forced = await expectNoWrite(run, 'heartbeat')
    return `${forced} forced syncs, and the resourceVersions of the source and both children stay`
  }
}

/**
 * Has Metacontroller sync a source again and again, without a write to anything but the CompositeController: a change of
 * its resync period starts its work on every source anew.
 *
 * @returns how many syncs there were
 * @throws Unexpected if the source or a child has been written meanwhile
 */
export async function expectNoWrite (run: Run, name: string): Promise<number> {
  const before = await versionsOf(run, name)
  const begun = await run.hook.syncs()
  const resync = async (seconds: number) => await run.kubectl.patch(await compositeController(), { spec: { resyncPeriodSeconds: seconds } })
  await resync(1)
  const ended = await until(run.patience, `${syncs} syncs`, async () => await run.hook.syncs(), count => count >= begun + syncs)
  expectEqual('resourceVersions', await versionsOf(run, name), before)
  await resync((await readComposite()).spec.resyncPeriodSeconds)
  return ended - begun
}

/** The CompositeController that the manifests have. */
async function readComposite () {
  return find(await readManifest('base/composite-controller.yaml'), 'CompositeController')
}

export async function compositeController () {
  return { resource: compositeControllers, name: (await readComposite()).metadata.name }
}
