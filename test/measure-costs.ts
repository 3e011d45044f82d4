import { makeHookServer } from '../src/http/hook-server.js'
import { makeHooks } from '../src/samplesource/hooks.js'
import { costlyBodies, type MakeBody } from './costly-bodies.js'
import { hookOptions } from './hook-options.js'
import { settings } from './loop/desk.js'
import { system } from './samplesource/source.js'
import { isSoak } from './soak.js'

/*
 * Measures for each of the costly bodies how much the cost of a byte grows when the body is several times as large, and
 * prints a line of JSON for each. It is a separate process because coverage would distort the measurement.
 */

const small = (isSoak ? 64 : 32) * 1024
const doublings = 2

/** On a busy machine, a body is measured again until the result is below this. */
const [limit, attempts] = [Number(process.argv[2]) ** doublings, 12]

const app = makeHookServer({ ...hookOptions(), hooks: makeHooks({ ...settings, system }) })
const headers = { 'content-type': 'application/json' }

/** The states in which a body is read. The first two read most of it. */
const ways = ([['sync', 'good'], ['sync', 'invalid'], ['sync', 'leaving'], ['finalize', 'leaving'], ['customize', 'good']] as const).slice(0, isSoak ? 5 : 2)

/** The CPU time of a body per byte, in all these states. */
async function costOf (make: MakeBody, bytes: number): Promise<number> {
  let microseconds = 0
  let size = 0
  for (const [path, state] of ways) {
    const payload = Buffer.from(make(bytes, state))
    const before = process.cpuUsage()
    const { statusCode } = await app.inject({ method: 'POST', url: `/${path}`, headers, payload })
    const { user, system } = process.cpuUsage(before)
    if (statusCode !== 200 && statusCode !== 400) throw new Error(`status ${statusCode}`)
    microseconds += user + system
    size += payload.length
  }
  return microseconds / size
}

for (const make of Object.values(costlyBodies)) await costOf(make, small / 4)
for (const [name, make] of Object.entries(costlyBodies)) {
  const costs: Record<'small' | 'large', number[]> = { small: [], large: [] }
  let times = Infinity
  for (let attempt = 0; attempt < attempts && !(times < limit); attempt++) {
    costs.small.push(await costOf(make, small))
    costs.large.push(await costOf(make, small * 2 ** doublings))
    times = median(costs.large) / median(costs.small)
  }
  console.log(JSON.stringify({ name, times, limit }))
}

function median (values: number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] as number
}
