import { eventType } from '../../../src/samplesource/names.js'
import { triggerOnCluster } from '../../adapter/trigger.js'
import { changed } from '../../samplesource/source.js'
import { until } from '../expect.js'
import type { Run, Step } from '../run.js'
import { sampleSource, sinkName, spec } from '../sources.js'
import { getChildren } from '../children.js'
import { becomeReady } from './ready.js'
import { deleteAll } from './deletion.js'

/** How many events to wait for. */
const wanted = 5

/** Reads real events at the sink. */
export const realEvents: Step = {
  title: 'real events arrive at the sink',
  prove: async run => {
    await run.kubectl.wait(['rollout', 'status', `deployment/${sinkName}`, '--namespace', run.namespace], run.patience.timeoutSeconds)
    await run.kubectl.create(sampleSource('seconds', run.namespace, { ...spec, ...changed(1), ceOverrides: { extensions: { team: 'e2e' } } }))
    const source = await becomeReady(run, 'seconds')
    await triggerOnCluster(run.kubectl, (await getChildren(run, source)).deployment)
    const sequences = await until(run.patience, `${wanted} events of the source, one after the other`, async () => readSequences(await logs(run), 'e2e'), hasRow)
    await deleteAll(run, source)
    return `sequence ${sequences.join(', ')}`
  }
}

async function logs ({ kubectl, namespace }: Run): Promise<string> {
  return await kubectl.run(['logs', `deployment/${sinkName}`, '--namespace', namespace, '--tail=-1'])
}

/**
 * Reads the sequence numbers of a source's events from the log of an event-display.
 *
 * @param log as https://github.com/knative/eventing/tree/main/cmd/event_display prints it
 * @param team the extension that identifies the source
 */
export function readSequences (log: string, team: string): number[] {
  return log.split('☁️  cloudevents.Event')
    .filter(event => [`  type: ${eventType}`, `  team: ${team}`].every(line => event.split('\n').includes(line)))
    .flatMap(event => /"sequence": ?(\d+)/.exec(event)?.[1] ?? [])
    .map(Number)
}

/** Whether there are that many consecutive numbers. */
function hasRow (sequences: number[]): boolean {
  return sequences.some((first, index) => Array.from({ length: wanted }).every((_, step) => sequences[index + step] === first + step))
}
