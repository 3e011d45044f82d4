import { setMaxListeners } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { fixtureEnvironment } from '../fixtures.js'
import { bodies, enlarged } from './bodies.js'
import { costlyBodies } from '../costly-bodies.js'
import { callOrdinarily, hostileCallers, type HostileCaller } from '../hostile-callers.js'
import { answer, headers, load, median, token, total, type Measurement } from './load.js'
import { ServerProcess } from './server-process.js'

/*
 * `npm run bench`: compares the shipped server with a minimal one in a single run, because only the ratio
 * counts. Each is a process, and they take short turns, so that other load on the machine affects both.
 * Every round has new processes, because the same program differs by a few percent from start to start.
 */

/** The number of rounds, the warm-up of each server in a round, and the number and length of its turns (in seconds). */
const rounds = 3
const warmUp = 5
const turns = 5
const duration = 1

/** The requests before memory is first measured, when the heap has its size, and before it is measured again. */
const firstRequests = 10_000
const manyRequests = 200_000

/** The measurements: a body, and a number of connections. Metacontroller has 5 workers. */
const loads: Array<[body: keyof typeof bodies, connections: number]> = [['ready', 5], ['ready', 100], ['create', 5], ['1 MiB', 5], ['1 MiB', 100]]

const folder = mkdtempSync(join(tmpdir(), 'bench-'))
writeFileSync(join(folder, 'token'), token)
// Both run with the Node options of the image.
const [, nodeOptions = ''] = /^ENV NODE_OPTIONS=(.*)$/m.exec(readFileSync('Dockerfile', 'utf8')) ?? []
const env = { NODE_OPTIONS: nodeOptions, ...fixtureEnvironment(), HOST: '127.0.0.1', PORT: '0', OPS_PORT: '0', LOG_LEVEL: 'info', AUTH_TOKEN_FILE: join(folder, 'token'), SHUTDOWN_DELAY_MS: '0' }
// Built like the hook.
buildSync({ entryPoints: ['test/bench/floor.ts'], outfile: join(folder, 'floor.mjs'), bundle: true, format: 'esm', platform: 'node', target: 'node20', logLevel: 'warning' })

const startFloor = async () => await ServerProcess.start(join(folder, 'floor.mjs'), { NODE_OPTIONS: nodeOptions, ...fixtureEnvironment() }, 1)
const startShipped = async (more = {}) => await ServerProcess.start('dist/main.js', { ...env, ...more }, 2)

const startBoth = async () => await Promise.all([startFloor(), startShipped()])

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed()} MB`
const print = (name: string, ...columns: Array<string | number>) => console.log(name.padEnd(24) + columns.map(column => String(column).padStart(13)).join(''))

await printStartUp()
await printThroughput()
await printSizes()
await printWorstCases()
await printUnderAttack()
await printMemory()
rmSync(folder, { recursive: true })

/** The time from the start of a process until its `/readyz` answers 200: the median of several. */
async function printStartUp (): Promise<void> {
  const times: number[] = []
  for (let time = 0; time < 7; time++) {
    const server = await startShipped()
    if ((await fetch(`${server.urls[1]}/readyz`)).status !== 200) throw new Error('not ready')
    times.push(performance.now() - server.started)
    await server.stop()
  }
  console.log(`start until /readyz: ${median(times).toFixed()} ms\n`)
}

async function printThroughput (): Promise<void> {
  print('body, connections', 'req/s', 'p50 ms', 'p99 ms', 'CPU ms/req', 'not 200')
  for (const [name, connections] of loads) {
    const body = bodies[name]
    const measurements: Record<'floor' | 'shipped', Measurement[]> = { floor: [], shipped: [] }
    for (let round = 0; round < rounds; round++) {
      const [floor, shipped] = await startBoth()
      await compareAnswers(floor, shipped, body)
      for (const server of [floor, shipped]) await load(server, body, connections, { duration: warmUp })
      for (let turn = 0; turn < turns; turn++) {
        measurements.floor.push(await load(floor, body, connections, { duration }))
        measurements.shipped.push(await load(shipped, body, connections, { duration }))
      }
      await Promise.all([floor.stop(), shipped.stop()])
    }
    const [least, ours] = [total(measurements.floor), total(measurements.shipped)]
    for (const [server, { requests, seconds, p50, p99, cpu, others }] of [['floor', least], ['shipped', ours]] as const) {
      print(`${name}, ${connections}: ${server}`, (requests / seconds).toFixed(), p50, p99, (cpu / requests).toFixed(3), others)
    }
    print('  shipped / floor', ratio(ours, least, 'seconds', 1), '', '', ratio(ours, least, 'cpu', -1))
  }
}

/** The ratio of two servers in the cost of a request, or in requests per second. */
function ratio (one: Measurement, other: Measurement, of: 'seconds' | 'cpu', power: 1 | -1): string {
  return ((one.requests / one[of] / (other.requests / other[of])) ** power).toFixed(2)
}

/** Checks that both do the same work. */
async function compareAnswers (floor: ServerProcess, shipped: ServerProcess, body: string): Promise<void> {
  const [least, ours] = (await Promise.all([answer(floor, body), answer(shipped, body)])).map(text => text.replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'now'))
  if (least !== ours) throw new Error(`the answers differ: ${least} ${ours}`)
}

/** Single requests of each size: the cost of a MiB should stay the same. */
async function printSizes (): Promise<void> {
  const [floor, shipped] = await startBoth()
  console.log()
  print('body, one at a time', 'floor ms', 'shipped ms', 'shipped/MiB')
  for (const size of [1, 2, 4, 8, 15]) {
    const body = enlarged(size)
    const milliseconds: number[] = []
    for (const server of [floor, shipped]) {
      const times: number[] = []
      for (let time = 0; time < 25; time++) {
        const start = performance.now()
        await answer(server, body)
        times.push(performance.now() - start)
      }
      milliseconds.push(median(times))
    }
    const [least, ours] = milliseconds as [number, number]
    print(`${size} MiB`, least.toFixed(1), ours.toFixed(1), (ours / size).toFixed(1))
  }
  await Promise.all([floor.stop(), shipped.stop()])
}

/** Bodies that each stress one field: the CPU time per KiB, which stays the same for larger bodies. */
async function printWorstCases (): Promise<void> {
  const server = await startShipped({ SYSTEM_NAMESPACE: 'knative-samples' })
  const sizes = [1, 4]
  console.log()
  print('worst cases, CPU ms/KiB', ...sizes.map(size => `${size} MiB`), 'status')
  let worst = 0
  for (const [name, make] of Object.entries(costlyBodies)) {
    const measured = []
    for (const size of sizes) measured.push(await costOf(server, make(size * 1024 * 1024, 'invalid')))
    worst = Math.max(worst, ...measured.map(({ cpu }) => cpu))
    console.log(name.padEnd(50) + measured.map(({ cpu }) => cpu.toFixed(3).padStart(13)).join('') + measured.map(({ status }) => status).join(' ').padStart(13))
  }
  console.log(`maximum ${worst.toFixed(3)}, limit 1\n`)
  await server.stop()
}

/** The minimum of several calls, per KiB of the body. */
async function costOf (server: ServerProcess, body: string): Promise<{ cpu: number, status: number }> {
  let [least, status] = [Infinity, 0]
  for (let time = 0; time < 2; time++) {
    const cpu = server.cpu
    const response = await fetch(`${server.urls[0]}/sync`, { method: 'POST', headers, body })
    await response.arrayBuffer()
    status = response.status
    least = Math.min(least, server.cpu - cpu)
  }
  return { cpu: least / (Buffer.byteLength(body) / 1024), status }
}

/** Three ordinary callers, alone and next to a hostile caller. */
async function printUnderAttack (): Promise<void> {
  console.log()
  console.log(`${'ordinary calls under attack, 30 s'.padEnd(72)}${['answered', 'of', 'p50 ms', 'max ms'].map(column => column.padStart(10)).join('')}`)
  const attacks: Record<string, HostileCaller> = { none: async () => {}, ...hostileCallers(bodies['1 MiB']) }
  for (const [name, attack] of Object.entries(attacks)) {
    const server = await startShipped({ AUTH_TOKEN_FILE: '' })
    const port = Number(new URL(server.urls[0] as string).port)
    const stop = new AbortController()
    setMaxListeners(0, stop.signal)
    const attacking = attack(port, stop.signal)
    const { times, failures } = await callOrdinarily(port, bodies.ready, { signal: AbortSignal.timeout(30_000) })
    stop.abort()
    await attacking
    const failed = Object.values(failures).reduce((sum, count) => sum + count, 0)
    console.log(name.padEnd(72) + [times.length - failed, times.length, median(times).toFixed(), Math.max(...times).toFixed()].map(column => String(column).padStart(10)).join(''))
    await server.stop()
  }
}

async function printMemory (): Promise<void> {
  const server = await startShipped()
  const fresh = server.memory
  await load(server, bodies.ready, 5, { amount: firstRequests })
  const before = server.memory
  await load(server, bodies.ready, 5, { amount: manyRequests })
  console.log(`\nmemory (resident set): ${megabytes(fresh)} fresh, ${megabytes(before)} after ${firstRequests} requests, ${megabytes(server.memory)} after ${manyRequests} more`)
  await server.stop()
}
