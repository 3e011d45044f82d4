import t from 'tap'
import { resyncAfterRollout } from '../../src/metacontroller/redeploy.js'

const own = { namespace: 'system', name: 'hook' }

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds))
const deployment = (lastUpdateTime: unknown, terminationGracePeriodSeconds?: unknown) => ({
  metadata: { ...own },
  spec: { template: { spec: { terminationGracePeriodSeconds } } },
  status: { conditions: [{ type: 'Available', lastUpdateTime: '2020-01-01T00:00:00Z' }, { type: 'Progressing', lastUpdateTime }] }
})
const related = (object: unknown) => ({ 'Deployment.apps/v1': { a: object } })

t.test('until the pods of the old version are gone', async t => {
  const hook = related(deployment('2026-01-01T00:01:00Z'))
  for (const seconds of [31, 60, 89]) t.equal(resyncAfterRollout(hook, own, at(seconds)), 30)
  for (const seconds of [0, 30, 90, 1000]) t.equal(resyncAfterRollout(hook, own, at(seconds)), undefined)
  t.equal(resyncAfterRollout(related(deployment('2026-01-01T00:01:00Z', 120)), own, at(179)), 120)
})

t.test('not needed if no rollout is known', async t => {
  const hook = deployment('2026-01-01T00:01:00Z')
  t.equal(resyncAfterRollout(related(hook), undefined, at(60)), undefined)
  const others = [{ ...hook, metadata: { ...hook.metadata, namespace: 'demo' } }, { ...hook, status: undefined }, deployment(undefined), deployment('soon'), deployment(7), null]
  for (const other of others) t.equal(resyncAfterRollout(related(other), own, at(60)), undefined)
  for (const none of [undefined, null, {}, { 'Deployment.apps/v1': {} }]) t.equal(resyncAfterRollout(none, own, at(60)), undefined)
})
