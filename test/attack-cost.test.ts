import { execFileSync } from 'node:child_process'
import t from 'tap'
import { costlyBodies } from './costly-bodies.js'
import { isSoak } from './soak.js'

/*
 * The cost of a body grows with its size, whatever its content. The test compares two sizes: a clock would measure the
 * machine. `npm run bench` shows the cost of a KiB.
 */

/** The allowed ratio to the time of half the size. Quadratic growth would take four times as much. Small bodies vary more. */
const growth = isSoak ? 2.5 : 3

t.test(`twice the size costs at most ${growth} times as much, whichever field it is in`, async t => {
  const output = execFileSync(process.execPath, ['build/test/measure-costs.js', String(growth / 2)], { encoding: 'utf8' })
  const costs = output.trim().split('\n').map(line => JSON.parse(line) as { name: string, times: number, limit: number })
  t.strictSame(costs.map(({ name }) => name), Object.keys(costlyBodies))
  for (const { name, times, limit } of costs) t.ok(times < limit, `${name}: ${times.toFixed(2)} times as much for a byte`)
})
