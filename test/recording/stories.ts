import type { AddressInfo } from 'node:net'
import { makeHookServer } from '../../src/http/hook-server.js'
import { makeHooks } from '../../src/samplesource/hooks.js'
import { spec } from '../e2e/sources.js'
import { fixtureSettings } from '../fixtures.js'
import { Cluster, type ClusterOptions } from '../harness/cluster.js'
import { hookOptions } from '../hook-options.js'
import { applyAndSettle, eventDisplay, sampleSource, stored } from '../loop/desk.js'
import { changed } from '../samplesource/source.js'
import { RecordingProxy } from './proxy.js'
import { Recorder } from './recorder.js'

const source = sampleSource(spec)

/** When the stories begin. The hook uses the time of the cluster too, so that each run is the same. */
const start = new Date('2026-01-01T00:00:00Z')

/** Plays the stories of a source in the simulated cluster, with the hook as in `npm run dev`. */
export async function tellStories (): Promise<Recorder> {
  const recorder = new Recorder(source.metadata.name)
  await inCluster(recorder, { hookVersion: 'v2' }, async cluster => {
    const change = async (changes: object) => {
      cluster.person(stored(cluster), { spec: changes }, { manager: 'kubectl-patch' })
      await cluster.settle()
      await cluster.advance(10)
    }
    // Without a sink, the adapter's pod does not run.
    cluster.deployments.be('failing')
    cluster.apply(source)
    await cluster.settle()
    await cluster.advance(5)
    cluster.apply(eventDisplay)
    await cluster.settle()
    await cluster.advance(2)
    cluster.deployments.be('working')
    await cluster.settle()
    await cluster.advance(10)

    await change(changed(30))
    await change({ resources: { requests: { memory: '1Gi' } } })
    await change({ resources: { requests: { memory: spec.resources.requests.memory } } })

    cluster.deployments.be('refused')
    await change(changed(20))
    cluster.deployments.be('working')
    await cluster.settle()
    await cluster.advance(10)

    cluster.delete(stored(cluster), 'Foreground')
    // Before the garbage collector deletes the children.
    await cluster.resync(stored(cluster))
  })
  await inCluster(recorder, { hookVersion: 'v1' }, async cluster => await applyAndSettle(cluster, source))
  return recorder
}

/** Plays a story in a new cluster. */
async function inCluster (recorder: Recorder, options: Pick<ClusterOptions, 'hookVersion'>, tell: (cluster: Cluster) => Promise<void>): Promise<void> {
  const hooks = makeHooks(fixtureSettings()).map(hook => ({ ...hook, answer: (request: unknown) => hook.answer(request, new Date(cluster.clock.now)) }))
  const hook = makeHookServer({ ...hookOptions(), hooks })
  await hook.listen({ port: 0, host: '127.0.0.1' })
  const proxy = await RecordingProxy.start(`http://127.0.0.1:${(hook.server.address() as AddressInfo).port}`, recorder, { host: '127.0.0.1', port: 0 })
  const cluster = new Cluster({ hookUrl: proxy.url, start, ...options })
  try {
    await tell(cluster)
  } finally {
    await proxy.stop()
    await hook.close()
  }
}
