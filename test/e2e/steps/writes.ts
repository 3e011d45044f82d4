import { changed } from '../../samplesource/source.js'
import { getSource, patchSource } from '../children.js'
import { Unexpected } from '../expect.js'
import { readManifest } from '../manifests.js'
import type { Run, Step } from '../run.js'
import { sampleSource, sinkName, spec } from '../sources.js'
import { countWrites, takeSnapshot, type Writes } from '../writes.js'
import { deleteAll } from './deletion.js'
import { becomeReady } from './ready.js'
import { expectNoWrite } from './steady.js'

/** Another sink. */
const otherSink = `${sinkName}-other`

/** What happens to a source, and the most writes that it may take: a status for each stage that a person can tell apart. */
const changes: Array<{ what: string, name: string, most: Writes, make: (run: Run, name: string) => Promise<void>, onlyFull?: boolean }> = [
  {
    what: 'a new source',
    name: 'writes',
    most: { status: 4, created: 2, updated: 1, pods: 1 },
    make: async ({ kubectl, namespace }, name) => await kubectl.create(sampleSource(name, namespace))
  },
  {
    what: 'its configuration changed',
    name: 'writes',
    most: { status: 2, created: 0, updated: 1, pods: 1 },
    make: async (run, name) => await patchSource(run, name, changed(20))
  },
  {
    what: 'its sink changed',
    name: 'writes',
    most: { status: 3, created: 0, updated: 1, pods: 1 },
    make: async (run, name) => await patchSource(run, name, { sink: { ref: { name: otherSink } } })
  },
  {
    // If Knative's feature authentication-oidc is enabled, Knative changes the Deployment a second time, for the token.
    what: 'a new source whose sink has an audience',
    name: 'writes-audience',
    most: { status: 4, created: 2, updated: 1, pods: 1 },
    make: async ({ kubectl, namespace }, name) => await kubectl.create(sampleSource(name, namespace, { ...spec, sink: { ...spec.sink, audience: 'e2e' } })),
    onlyFull: true
  }
]

/** How often Metacontroller writes until a source is at rest again. */
export const writes: Step = {
  title: 'a new source and a changed one take few writes and one pod',
  prove: async run => {
    const [service] = await readManifest('examples/event-display-service.yaml')
    if (service !== undefined) await run.kubectl.create({ ...service, metadata: { ...service.metadata, name: otherSink, namespace: run.namespace } })
    const tried = changes.filter(({ onlyFull }) => onlyFull !== true || run.level === 'full')
    const notes: string[] = []
    for (const { what, name, most, make } of tried) {
      const before = await takeSnapshot(run.kubectl, run.namespace)
      await make(run, name)
      await becomeReady(run, name)
      // By then, everything that follows from it is written.
      await expectNoWrite(run, name)
      const seen = await countWrites(run.kubectl, before, name)
      if (Object.entries(most).some(([kind, count]) => seen[kind as keyof Writes] > count)) throw new Unexpected(`for ${what} at most ${describe(most)}`, describe(seen))
      notes.push(`${what}: ${describe(seen)}`)
    }
    for (const name of new Set(tried.map(({ name }) => name))) await deleteAll(run, await getSource(run, name))
    return notes.join('; ')
  }
}

function describe ({ status, created, updated, pods }: Writes): string {
  return `${status} status, ${created} children created, ${updated} updated, ${pods} pods`
}
