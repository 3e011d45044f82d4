import t from 'tap'
import { makeHookServer } from '../src/http/hook-server.js'
import { costlyBodies, type MakeBody } from './costly-bodies.js'
import { hookOptions } from './hook-options.js'
import { HookProcess } from './hook-process.js'
import { system } from './samplesource/source.js'

/*
 * What a body costs follows its size, whatever is in it. Two sizes are compared with each other: a clock would measure the
 * machine.
 */

const small = 256 * 1024
const doublings = 3

/** So many times the time of half the size is allowed. What grows with the square takes four times as much. */
const growth = 2.5

/** When the machine does something else besides, a body is tried again. */
const attempts = 6

const options = hookOptions()
const app = makeHookServer({ ...options, settings: { ...options.settings, system } })
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

t.test('large bodies that are wrong all over are answered, within the memory that the hook has', async t => {
  // Node gives itself half of a container's 512 MiB; semi-spaces as the image has them.
  const hook = new HookProcess({ RECEIVE_ADAPTER_IMAGE: 'adapter:1', SYSTEM_NAMESPACE: system.namespace, NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=4' })
  const { hook: url } = await hook.ready()
  const names = Object.keys(costlyBodies).filter(name => /^(extensions|config-|fields that)/.test(name))
  t.ok(names.length > 8)
  for (const name of names) {
    for (const size of [8, 15.9]) {
      const response = await fetch(`${url}/sync`, { method: 'POST', headers, body: (costlyBodies[name] as MakeBody)(size * 1024 * 1024) })
      t.equal(response.status, 200, `${name}, ${size} MiB`)
      t.ok((await response.text()).length < 100_000)
    }
    t.comment(`${name}: ${(hook.peakMemory / 2 ** 20).toFixed()} MiB at the most`)
  }
  t.ok(hook.peakMemory < 400 * 2 ** 20, `${(hook.peakMemory / 2 ** 20).toFixed()} MiB resident at the most`)
  hook.kill('SIGTERM')
  t.match(await hook.ended(), { code: 0, stderr: '' })
})
