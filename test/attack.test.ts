import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import fc from 'fast-check'
import t from 'tap'
import * as names from '../src/samplesource/names.js'
import { anyAttack, attackWith, type Attack } from './attacks.js'
import { fixtureEnvironment, readFixture } from './fixtures.js'
import { Program } from './program.js'
import { isSoak } from './soak.js'
import { until } from './until.js'

/*
 * Whatever is sent to the running process, it answers 200 or 4xx, does not grow, and serves the next caller. To run an
 * attack again: ATTACK_SEED=<the seed that the test has printed> npm test -- build/test/attack.test.js --disable-coverage
 */

const seed = Number(process.env['ATTACK_SEED'] ?? randomInt(2 ** 31))
const attackCount = isSoak ? 10_000 : 500
const attackers = 8

/** The number of connections that are left open at a time. */
const held = 40

const ready = readFixture('ready')
const good = JSON.stringify(ready.request)

/** Posts a valid request and returns what is wrong with its answer. It must be answered: nothing is sent again. */
async function goodRequest (url: string, agent: Agent): Promise<string | undefined> {
  const sent = request(`${url}/sync`, { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(good) } })
  sent.end(good)
  try {
    const [response] = await once(sent, 'response')
    const body = await text(response)
    if (response.statusCode === 200 && body === goodAnswer) return undefined
    return `${response.statusCode} ${body}`
  } catch (error) {
    return String(error)
  }
}

const goodAnswer = JSON.stringify(ready.response)

/** Sends an attack and returns the status codes of the answers. */
async function strike (port: number, { bytes, then }: Attack, open: Socket[]): Promise<number[]> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let answer = ''
  socket.setEncoding('latin1').on('data', data => { answer += data }).on('error', () => {})
  await new Promise(resolve => socket.once('connect', resolve).once('close', resolve))
  if (then === 'end') {
    socket.end(bytes())
  } else {
    await new Promise(resolve => socket.write(bytes(), resolve))
    if (then === 'reset') socket.resetAndDestroy()
    else if (open.push(socket) > held) open.shift()!.destroy()
  }
  if (then !== 'hold') await new Promise(resolve => socket.closed ? resolve(undefined) : socket.once('close', resolve))
  return [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status)).filter(status => status !== 100)
}

t.test(`attacks, seed ${seed}`, async t => {
  // With the semi-spaces of the image: those that Node 24 chooses for so small a heap double the cost of a request.
  const hook = new Program('hook', { ...fixtureEnvironment(), NODE_OPTIONS: '--max-old-space-size=96 --max-semi-space-size=4' }, { t })
  const { hook: url, ops } = await hook.ready()
  const port = Number(new URL(url).port)
  const agent = new Agent({ keepAlive: true })
  const open: Socket[] = []
  const wrong: string[] = []
  const statuses = new Map<number, number>()
  const attacks = [...Object.values(attackWith), ...fc.sample(anyAttack, { seed, numRuns: attackCount })]
  let next = 0
  let memoryBefore = 0

  const attacker = async () => {
    for (let attack = attacks[next++]; attack !== undefined; attack = attacks[next++]) {
      if (next === attackCount / 2) memoryBefore = hook.memory
      const answered = await strike(port, attack, open)
      for (const status of answered) statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (attack.answered && answered.length === 0) wrong.push(`${attack.name}: no answer`)
      if (answered.some(status => status !== 200 && (status < 400 || status > 499))) wrong.push(`${attack.name}: ${answered}`)
      const mistake = await goodRequest(url, agent)
      if (mistake !== undefined) wrong.push(`after ${attack.name}: ${mistake}`)
    }
  }
  await Promise.all(Array.from({ length: attackers }, attacker))
  t.strictSame(wrong.slice(0, 20), [])
  t.comment(Object.fromEntries(statuses))
  for (const status of [...Object.keys(attackWith).map(Number), ...(isSoak ? [413, 431] : [])]) t.ok(statuses.get(status), `some ${status}`)

  const growth = (hook.memory - memoryBefore) / 1024 / 1024
  t.ok(growth < 40, `${growth.toFixed()} MiB more after the second half`)
  for (const socket of open) socket.destroy()
  agent.destroy()
  await until(async () => (await (await fetch(`${ops}/metrics`)).text()).includes(`\n${names.metricsPrefix}_hook_requests_in_flight 0\n`))
  hook.kill('SIGTERM')
  t.match(await hook.ended(), { code: 0, stderr: '' })
  t.strictSame(hook.logs.filter(({ level }) => level > 40), [])
})
