import type { AddressInfo } from 'node:net'
import t from 'tap'
import { makeHookServer } from '../../src/http/hook-server.js'
import * as names from '../../src/samplesource/names.js'
import { makeHooks } from '../../src/samplesource/hooks.js'
import { Cluster } from '../harness/cluster.js'
import { hookOptions } from '../hook-options.js'
import { applyAndSettle, changesOf, combinations, condition, settings, stored, writesInSyncs } from './desk.js'

/* Metacontroller's cache can be one write behind: such a sync writes nothing, at any time. */

/** A sequence of numbers from 0 to 1, the same for each seed. https://en.wikipedia.org/wiki/Linear_congruential_generator */
function seeded (seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return state / 2 ** 32
  }
}

for (const combination of combinations) {
  t.test(`syncs of stale sources (${combination.hookVersion}, ${combination.applyStrategy})`, async t => {
    let syncs = 0
    const now = () => new Date(Date.UTC(2026, 0, 1, 0, 0, syncs++))
    const hooks = makeHooks(settings).map(hook => ({ ...hook, answer: (request: any) => hook.answer(request, now()) }))
    const app = makeHookServer({ ...hookOptions(), hooks })
    await app.listen({ port: 0, host: '127.0.0.1' })
    t.teardown(async () => await app.close())
    const hookUrl = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`

    for (let seed = 1; seed <= 10; seed++) {
      syncs = 0
      const random = seeded(seed)
      const cluster = new Cluster({ hookUrl, ...combination })
      cluster.metacontroller.staleParents = () => random() < 0.4
      cluster.deployments.startupSeconds = 1
      const times: number[] = []
      cluster.onStep(step => {
        if (step.type !== 'write' || step.write.kind !== names.kind || !step.write.changed) return
        const ready = step.write.object?.status?.conditions?.find(({ type }: { type: string }) => type === 'Ready')
        if (ready !== undefined) times.push(Date.parse(ready.lastTransitionTime))
      })
      await applyAndSettle(cluster)
      t.equal(condition(stored(cluster)), 'True')
      const writes = changesOf(cluster).filter(change => change === `update ${names.kind}/status`)
      t.ok(writes.length <= 4, `seed ${seed}: ${writes.length} status writes`)
      t.same(times, [...times].sort((a, b) => a - b), 'no time goes backwards')
      t.same(await writesInSyncs(cluster, 20), [], 'at rest')
    }
  })
}
