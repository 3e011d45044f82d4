import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'yaml'
import * as names from '../../src/samplesource/names.js'
import { environment } from '../adapter/environment.js'
import { makeCertificates } from '../certificates.js'

/*
 * `npm run bench:adapter`: the cost of the receive adapter, as a process that sends to a sink in this one, with
 * the arguments and the environment of manifests/ and the image. First, it sends 100,000 events at INTERVAL=1ms.
 * Then its memory at an event a second is measured, on this Node and the image's, over http and https with the system's CAs.
 * Exits with 1 if a figure misses the promise of docs/benchmarks.md.
 */

const events = Number(process.argv[2] ?? 100_000)
const warmUp = 10_000
const secondsAtOneASecond = 20

const megabyte = 2 ** 20

/** The memory that a source may take on the image's Node over https, in MB. */
const mostResident = 75
const mostAnonymous = 25

const ends: Array<() => void> = []
const certificates = makeCertificates({ teardown: end => ends.push(end) })

const sent = { received: 0 }
const take: RequestListener = (request, response) => {
  request.resume().on('end', () => {
    sent.received++
    response.writeHead(202).end()
  })
}
const sinks = { http: createHttpServer(take), https: createHttpsServer(certificates.server, take) }
for (const sink of Object.values(sinks)) await once(sink.listen(0, '127.0.0.1'), 'listening')

const dockerfile = readFileSync('Dockerfile', 'utf8')
const imageEnvironment = Object.fromEntries([...dockerfile.matchAll(/\b(NODE_OPTIONS|MALLOC_ARENA_MAX)=(\S+)/g)].map(([, name, value]) => [name, value]))
const deployment = parse(readFileSync('manifests/base/deployment.yaml', 'utf8')) as { spec: any }
const args = JSON.parse(deployment.spec.template.spec.containers[0].env.find(({ name }: { name: string }) => name === 'RECEIVE_ADAPTER_ARGS').value) as string[]
const imageNode = findNode(/\/nodejs(\d+)/.exec(dockerfile)?.[1] ?? '')

let failed = false

{
  console.log(`INTERVAL=1ms, ${events} events:`)
  const adapter = await startAdapter(process.execPath, 'http', '1ms')
  // First, the young generation of the heap must reach its size.
  while (sent.received < warmUp) await sleep(100)
  const before = await adapter.figures()
  const { received: beginReceived } = sent
  const begin = performance.now()
  let most = before.resident
  while (sent.received < beginReceived + events) {
    await sleep(2_000)
    most = Math.max(most, (await adapter.figures()).resident)
  }
  const after = await adapter.figures()
  const seconds = (performance.now() - begin) / 1000
  const rate = (sent.received - beginReceived) / seconds
  print('events a second', rate, rate >= 500)
  print('cores used', (after.cpu - before.cpu) / seconds)
  print('ticks skipped, percent', 100 * (after.skipped - before.skipped) / (sent.received - beginReceived + after.skipped - before.skipped))
  print('MB resident before', before.resident)
  print('MB resident, peak', most)
  print('MB resident after', after.resident, after.resident < before.resident + 10)
  await adapter.stop()
}

for (const [whose, node] of [['this Node', process.execPath], ['the image\'s Node', imageNode]] as const) {
  for (const scheme of ['http', 'https'] as const) {
    console.log(`INTERVAL=1s, ${secondsAtOneASecond} s, ${whose} ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}, ${scheme}:`)
    const adapter = await startAdapter(node, scheme, '1s')
    await sleep(1000 * secondsAtOneASecond)
    const { resident, anonymous, cpu } = await adapter.figures()
    const isPromised = node === imageNode && scheme === 'https'
    print('MB resident', resident, !isPromised || resident <= mostResident)
    print('MB resident, anonymous', anonymous, !isPromised || anonymous <= mostAnonymous)
    print('cores used, including the start', cpu / secondsAtOneASecond)
    await adapter.stop()
  }
}
for (const sink of Object.values(sinks)) sink.close()
for (const end of ends) end()
process.exitCode = failed ? 1 : 0

function print (what: string, value: number, ok = true): void {
  failed ||= !ok
  console.log(`  ${what.padEnd(28)}${value.toFixed(2).padStart(10)}${ok ? '' : '  OVER THE LIMIT'}`)
}

/** The path of another version of Node, which npm downloads. */
function findNode (major: string): string {
  const found = execFileSync('npm', ['exec', '--yes', `--package=node-${process.platform}-${process.arch}@${major}`, '--', 'node', '--print', 'process.execPath'], { encoding: 'utf8' })
  return found.trim()
}

/** Starts the adapter and reads the URL of its metrics from its log. */
async function startAdapter (node: string, scheme: 'http' | 'https', interval: string) {
  const adapter = spawn(node, args, {
    env: {
      ...environment,
      ...imageEnvironment,
      K_SINK: `${scheme}://127.0.0.1:${(sinks[scheme].address() as AddressInfo).port}/`,
      K_CA_CERTS: certificates.ca.cert,
      INTERVAL: interval,
      METRICS_PORT: '0',
      NAMESPACE: 'bench'
    },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const port = await new Promise<number>(resolve => {
    createInterface(adapter.stdout).on('line', line => {
      const { port } = JSON.parse(line) as { port?: number }
      if (port !== undefined) resolve(port)
    })
  })
  return { figures: () => readFigures(adapter, port), stop: () => stop(adapter) }
}

async function stop (adapter: ChildProcess): Promise<void> {
  adapter.kill('SIGTERM')
  const [code] = await once(adapter, 'exit')
  if (code !== 0) throw new Error(`the adapter ended with exit code ${code}`)
}

/** Memory by the kernel: everything in RAM, and the part without a file. https://docs.kernel.org/filesystems/proc.html */
async function readFigures ({ pid }: ChildProcess, port: number) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const value = (name: string) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1])
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const kilobytes = (name: string) => 1024 * Number(new RegExp(`^${name}: +(\\d+) kB`, 'm').exec(rollup)?.[1])
  return {
    resident: kilobytes('Rss') / megabyte,
    anonymous: kilobytes('Anonymous') / megabyte,
    cpu: value('process_cpu_seconds_total'),
    skipped: value(`${names.metricsPrefix}_adapter_skipped_ticks_total\\{reason="busy"\\}`)
  }
}
