import t from 'tap'
import { makeHookServer } from '../src/http/hook-server.js'
import { makeHooks } from '../src/samplesource/hooks.js'
import { costlyBodies, type MakeBody } from './costly-bodies.js'
import { hookOptions } from './hook-options.js'
import { settings } from './loop/desk.js'
import { system } from './samplesource/source.js'

/*
 * What a body costs follows its size, whatever is in it. Two sizes are compared with each other: a clock would measure the
 * machine.
 */

const small = 128 * 1024
const doublings = 3

/** So many times the time of half the size is allowed. What grows with the square takes four times as much. */
const growth = 2.5

/** When the machine does something else besides, a body is tried again. */
const attempts = 12

const app = makeHookServer({ ...hookOptions(), hooks: makeHooks({ ...settings, system }) })
const headers = { 'content-type': 'application/json' }

/** The CPU time that a body takes, in all the ways in which it is read, for each of its bytes. */
async function costOf (make: MakeBody, bytes: number): Promise<number> {
  let microseconds = 0
  let size = 0
  for (const [path, state] of [['sync', 'good'], ['sync', 'invalid'], ['sync', 'leaving'], ['finalize', 'leaving'], ['customize', 'good']] as const) {
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

t.test('twice the size costs at most 2.5 times as much, whichever field it is in', async t => {
  for (const make of Object.values(costlyBodies)) await costOf(make, 16 * 1024)
  for (const [name, make] of Object.entries(costlyBodies)) {
    let [least, most] = [Infinity, Infinity]
    for (let attempt = 0; attempt < attempts && !(most / least < (growth / 2) ** doublings); attempt++) {
      least = Math.min(least, await costOf(make, small))
      most = Math.min(most, await costOf(make, small * 2 ** doublings))
    }
    t.ok(most / least < (growth / 2) ** doublings, `${name}: ${(most / least).toFixed(2)} times as much for a byte`)
  }
})
