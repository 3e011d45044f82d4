import t from 'tap'
import { Cluster } from '../../harness/cluster.js'
import { isSoak } from '../../soak.js'
import { condition, eventDisplay, sampleSource, startHook } from '../desk.js'

/** Applies that many sources at once, and counts syncs and writes. */
async function settleMany (hookUrl: string, count: number) {
  const cluster = new Cluster({ hookUrl })
  cluster.apply(eventDisplay)
  const names = Array.from({ length: count }, (_, index) => `source-${index}`)
  for (const name of names) cluster.apply(sampleSource({}, name))
  cluster.api.resetWrites()
  const { syncs, settled } = await cluster.settle({ maxSyncs: count * 20 })
  const ours = cluster.api.writes.filter(({ manager }) => manager === 'metacontroller')
  return {
    settled,
    syncs,
    ready: names.filter(name => condition(cluster.parent(name, 'demo')) === 'True').length,
    creates: ours.filter(({ verb }) => verb === 'create').length,
    updatesOfChildren: ours.filter(({ verb, subresource }) => verb !== 'create' && subresource === undefined).length,
    statusWrites: ours.filter(({ subresource }) => subresource === 'status').length,
    idle: ours.filter(({ changed }) => !changed).length
  }
}

/** The smaller number of sources, and the factor to the larger one. */
const [few, factor] = isSoak ? [50, 20] : [10, 3]

t.test('many sources at once: syncs and writes grow linearly, nothing is written twice', async t => {
  const { url } = await startHook(t)
  const [one, other] = [await settleMany(url, few), await settleMany(url, few * factor)]
  for (const [count, result] of [[few, one], [few * factor, other]] as const) {
    t.match(result, { settled: true, ready: count, creates: 2 * count, updatesOfChildren: count, idle: 0 })
    t.ok(result.statusWrites <= 4 * count, `${result.statusWrites} status writes for ${count} sources`)
  }
  t.ok(other.syncs <= factor * one.syncs * 1.1, `${one.syncs} syncs for ${few}, ${other.syncs} for ${few * factor}`)
})
