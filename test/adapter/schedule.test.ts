import t from 'tap'
import { dueTime, lastDue } from '../../src/adapter/schedule.js'
import { second } from './fake-clock.js'

const schedule = { start: 5n, interval: 10n }

t.test('the n-th tick is due at start + n × interval', async t => {
  t.equal(dueTime(schedule, 1n), 15n)
  t.equal(dueTime(schedule, 100n), 1005n)
})

t.test('the last tick that is due', async t => {
  const table: Array<[now: bigint, tick: bigint]> = [[5n, 0n], [14n, 0n], [15n, 1n], [16n, 1n], [24n, 1n], [25n, 2n], [1004n, 99n], [1005n, 100n]]
  for (const [now, tick] of table) t.equal(lastDue(schedule, now), tick, `at ${now}`)
})

t.test('nothing adds up, however long it runs and whatever the interval', async t => {
  const third = { start: 123n, interval: second / 3n }
  const year = BigInt(365 * 24 * 3600) * second
  const n = lastDue(third, year)
  t.ok(dueTime(third, n) <= year && year < dueTime(third, n + 1n))
  t.equal(lastDue({ start: 0n, interval: 2n ** 63n - 1n }, 100n * year), 0n)
})
