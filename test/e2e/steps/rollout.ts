import { setTimeout } from 'node:timers/promises'
import { getSource } from '../children.js'
import { ClusterHook } from '../cluster-hook.js'
import { Unexpected } from '../expect.js'
import type { Run, Step } from '../run.js'
import { sampleSource, sampleSources, spec } from '../sources.js'
import { changed } from '../../samplesource/source.js'
import { becomeReady } from './ready.js'
import { deleteAll } from './deletion.js'
import { compositeController } from './steady.js'

/** How many sources are synced during the rollout. */
const count = 10

/** Every pod of the hook is replaced without a failed call. */
export const rollout = makeRollout({ warmUpSeconds: 5, drainSeconds: 10 })

/**
 * @param pauses how long there is load before the rollout, and how long the old pods may go on serving after it
 */
export function makeRollout ({ warmUpSeconds, drainSeconds }: { warmUpSeconds: number, drainSeconds: number }): Step {
  const title = 'the hook is rolled out under load without a SyncError'
  const prove = async (run: Run): Promise<string> => {
    if (!(run.hook instanceof ClusterHook)) throw new Error('only a hook in the cluster can be rolled out')
    const names = Array.from({ length: count }, (_, index) => `load-${index}`)
    // This step needs no pods of these sources.
    await run.kubectl.create(...names.map(name => sampleSource(name, run.namespace, { ...spec, ...changed(3600) })))
    for (const name of names) await becomeReady(run, name)
    const { resource, name: controller } = await compositeController()
    const { resyncPeriodSeconds } = (await run.kubectl.get({ resource, name: controller }))?.spec ?? {}
    await run.kubectl.patch({ resource, name: controller }, { spec: { resyncPeriodSeconds: 1 } })
    await setTimeout(warmUpSeconds * 1000, undefined, { signal: run.patience.signal })

    const begun = new Date()
    await run.hook.restart()
    const { hook } = run
    let isOver = false
    const rolled = hook.waitForRollout().finally(() => { isOver = true })
    // Reports the first failure, and handles the other one.
    const [changes] = await Promise.all([changeUntil(run, names, () => isOver), rolled])
    await setTimeout(drainSeconds * 1000, undefined, { signal: run.patience.signal })
    await expectNoSyncError(run, begun)
    for (const name of names) await becomeReady(run, name)

    await run.kubectl.patch({ resource, name: controller }, { spec: { resyncPeriodSeconds } })
    for (const name of names) await deleteAll(run, await getSource(run, name))
    return `${count} sources synced every second, and ${changes} changes of their specs`
  }
  return { title, prove }
}

/** Changes one spec after the other. @returns how many */
async function changeUntil ({ kubectl, namespace }: Run, names: string[], isOver: () => boolean): Promise<number> {
  let changes = 0
  while (!isOver()) {
    await kubectl.patch({ resource: sampleSources, name: names[changes % names.length] as string, namespace }, { spec: changed(3600 + ++changes) })
  }
  return changes
}

/** Metacontroller records an Event of the source for every call that fails. */
async function expectNoSyncError ({ kubectl, namespace }: Run, since: Date): Promise<void> {
  const errors = (await kubectl.list('events', '--namespace', namespace, '--field-selector', 'reason=SyncError'))
    .filter(event => Date.parse(event['lastTimestamp'] ?? event['series']?.lastObservedTime ?? event['eventTime']) >= Math.floor(since.getTime() / 1000) * 1000)
  if (errors.length > 0) throw new Unexpected('no SyncError', errors.map(({ involvedObject, message }) => `${involvedObject.name}: ${message}`))
}
