import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { readFixture } from '../fixtures.js'
import { ServerProcess } from './server-process.js'

/*
 * `npm run bench`: the server as it is shipped beside the least that could do its work, in one run, for what counts is
 * the ratio. Each is a process, measured in turns, so that whatever else the machine does strikes both.
 */

/** How long each is measured at a time, in seconds, and how often. */
const duration = 2
const rounds = 2

/** Requests after which memory is looked at again. */
const manyRequests = 200_000

const { request: ready } = readFixture('ready')
const bodies = { ready: JSON.stringify(ready), '1 MiB': JSON.stringify(enlarge(ready, 1024 * 1024)) }

/** Metacontroller's workers, and far more. */
const connections = [5, 100]

/** The request as it would be with related ConfigMaps, so many that it has a size. */
function enlarge (request: object, size: number): object {
  const configMap = (index: number) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `config-${index}`, namespace: 'demo', labels: { app: 'x' } }, data: { 'a.yaml': 'key: value\n'.repeat(60), b: String(index) } })
  const room = size - JSON.stringify(request).length
  const count = Math.floor(room / JSON.stringify(configMap(1000)).length)
  return { ...request, related: { 'ConfigMap.v1': Object.fromEntries(Array.from({ length: count }, (_, index) => [`demo/config-${index}`, configMap(index)])) } }
}

const folder = mkdtempSync(join(tmpdir(), 'bench-'))
const token = 'a'.repeat(64)
writeFileSync(join(folder, 'token'), token)
const settings = { RECEIVE_ADAPTER_IMAGE: 'registry.example/samplesource-hook:v1', HOST: '127.0.0.1', PORT: '0', OPS_PORT: '0', LOG_LEVEL: 'info', AUTH_TOKEN_FILE: join(folder, 'token'), SHUTDOWN_DELAY_MS: '0' }

/** A server that listens, and after how many requests its clients need a new connection: autocannon does not see `Connection: close`. */
interface Target { server: ServerProcess, urls: string[], reconnectRate?: number }

const startFloor = async (): Promise<Target> => await ServerProcess.start(['--import', 'tsx', 'test/bench/floor.ts'], {}, 1)
const startShipped = async (): Promise<Target> => ({ ...await ServerProcess.start(['dist/main.js'], settings, 2), reconnectRate: 100 })

/** The sum of what a server did in its turns. */
interface Measurement { requests: number, seconds: number, cpu: number, p50: number[], p99: number[], failures: number }

async function measure ({ server, urls, reconnectRate }: Target, body: string, connections: number, limit: { duration: number } | { amount: number }, sum: Measurement): Promise<void> {
  const cpu = server.cpu
  const { requests, '2xx': good, latency, duration, errors, non2xx, timeouts } = await autocannon({
    url: `${urls[0]}/sync`, method: 'POST', connections, body, ...(reconnectRate !== undefined && { reconnectRate }), headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, ...limit
  })
  sum.requests += good
  sum.seconds += duration
  sum.cpu += server.cpu - cpu
  sum.failures += errors + non2xx + timeouts
  sum.p50.push(latency.p50)
  sum.p99.push(latency.p99)
  if (requests.total === 0) throw new Error('no request was answered')
}

const nothing = (): Measurement => ({ requests: 0, seconds: 0, cpu: 0, p50: [], p99: [], failures: 0 })
const perSecond = ({ requests, seconds }: Measurement) => requests / seconds
const cpuPerRequest = ({ requests, cpu }: Measurement) => cpu / requests
const megabytes = (bytes: number) => `${(bytes / 1024 / 1024).toFixed()} MiB`
const print = (...columns: Array<string | number>) => console.log(columns.map((column, index) => index === 0 ? String(column).padEnd(24) : String(column).padStart(12)).join(''))

/** From the start of a process until its `/readyz` says yes, in milliseconds: the median of five. */
async function startUp (): Promise<number> {
  const times = []
  for (let time = 0; time < 5; time++) {
    const { server, urls } = await startShipped()
    if ((await fetch(`${urls[1]}/readyz`)).status !== 200) throw new Error('not ready')
    times.push(performance.now() - server.started)
    await server.stop()
  }
  return times.sort((left, right) => left - right)[2] as number
}

const start = await startUp()
const floor = await startFloor()
const shipped = await startShipped()
const fresh = shipped.server.memory
let served = 0

print('', 'req/s', 'p50 ms', 'p99 ms', 'CPU ms/req', 'failures')
const cost: Record<string, number> = {}
for (const [name, body] of Object.entries(bodies)) {
  for (const count of connections) {
    const sums = { floor: nothing(), shipped: nothing() }
    for (const server of [floor, shipped]) await measure(server, body, count, { duration: 1 }, nothing())
    for (let round = 0; round < rounds; round++) {
      await measure(floor, body, count, { duration }, sums.floor)
      await measure(shipped, body, count, { duration }, sums.shipped)
    }
    for (const [server, sum] of Object.entries(sums)) {
      print(`${name}, ${count}: ${server}`, perSecond(sum).toFixed(), Math.min(...sum.p50), Math.min(...sum.p99), cpuPerRequest(sum).toFixed(3), sum.failures)
    }
    print('  shipped / floor', (perSecond(sums.shipped) / perSecond(sums.floor)).toFixed(2), '', '', (cpuPerRequest(sums.floor) / cpuPerRequest(sums.shipped)).toFixed(2))
    served += sums.shipped.requests
    cost[`${name}, ${count}`] = cpuPerRequest(sums.shipped)
  }
}

const before = shipped.server.memory
const rest = nothing()
await measure(shipped, bodies.ready, 5, { amount: Math.max(manyRequests - served, 1) }, rest)
console.log()
console.log(`start until /readyz:    ${start.toFixed()} ms`)
console.log(`memory (resident set):  ${megabytes(fresh)} fresh, ${megabytes(before)} after ${served} requests, ${megabytes(shipped.server.memory)} after ${served + rest.requests}`)
const perKilobyte = Object.entries(bodies).map(([name, body]) => `${(cost[`${name}, 5`]! * 1e6 / Buffer.byteLength(body) * 1024 / 1000).toFixed(2)} µs/KiB for ${name} (${(Buffer.byteLength(body) / 1024).toFixed()} KiB)`)
console.log(`CPU by size of body:    ${perKilobyte.join(', ')}`)

await Promise.all([floor.server.stop(), shipped.server.stop()])
rmSync(folder, { recursive: true })
