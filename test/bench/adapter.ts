import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import * as names from '../../src/samplesource/names.js'
import { environment } from '../adapter/environment.js'

/*
 * `npm run bench:adapter`: what the receive adapter costs, as a process of its own that sends to a sink in this one.
 * Prints events a second and the memory before and after 100,000 events at INTERVAL=1ms, and the memory at 1 event a
 * second. Exits with 1 when a figure is not what the README promises.
 */

const entrypoint = process.argv[2] ?? 'dist/adapter/main.js'
const events = Number(process.argv[3] ?? 100_000)
const warmUp = 10_000
const secondsAtOneASecond = 20

const sent = { received: 0 }
const sink = createServer((request, response) => {
  request.resume().on('end', () => {
    sent.received++
    response.writeHead(202).end()
  })
}).listen(0, '127.0.0.1')
await once(sink, 'listening')

let failed = false

{
  console.log(`INTERVAL=1ms, ${events} events:`)
  const adapter = await startAdapter('1ms')
  // The young generation of the heap reaches its size first.
  while (sent.received < warmUp) await sleep(100)
  const before = await adapter.figures()
  const { received: beginReceived } = sent
  const begin = performance.now()
  let most = before.rss
  while (sent.received < beginReceived + events) {
    await sleep(2_000)
    most = Math.max(most, (await adapter.figures()).rss)
  }
  const after = await adapter.figures()
  const seconds = (performance.now() - begin) / 1000
  const rate = (sent.received - beginReceived) / seconds
  print('events a second', rate, rate >= 500)
  print('cores used', (after.cpu - before.cpu) / seconds)
  print('ticks skipped, in a hundred', 100 * (after.skipped - before.skipped) / (sent.received - beginReceived + after.skipped - before.skipped))
  print('MB resident before', before.rss)
  print('MB resident at the most', most)
  print('MB resident after', after.rss, after.rss < before.rss + 10)
  await adapter.stop()
}
{
  console.log(`INTERVAL=1s, ${secondsAtOneASecond} s:`)
  const adapter = await startAdapter('1s')
  await sleep(1000 * secondsAtOneASecond)
  const { rss, cpu } = await adapter.figures()
  print('MB resident', rss, rss < 80)
  print('cores used, start included', cpu / secondsAtOneASecond)
  await adapter.stop()
}
sink.close()
process.exitCode = failed ? 1 : 0

function print (what: string, value: number, ok = true): void {
  failed ||= !ok
  console.log(`  ${what.padEnd(28)}${value.toFixed(2).padStart(10)}${ok ? '' : '  TOO BAD'}`)
}

/** Starts the adapter, and learns from its log where its metrics are. */
async function startAdapter (interval: string) {
  const adapter = spawn(process.execPath, [entrypoint], {
    env: { ...environment, K_SINK: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/`, INTERVAL: interval, METRICS_PORT: '0', NAMESPACE: 'bench' },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const port = await new Promise<number>(resolve => {
    createInterface(adapter.stdout).on('line', line => {
      const { port } = JSON.parse(line) as { port?: number }
      if (port !== undefined) resolve(port)
    })
  })
  return { figures: () => readFigures(port), stop: () => stop(adapter) }
}

async function stop (adapter: ChildProcess): Promise<void> {
  adapter.kill('SIGTERM')
  const [code] = await once(adapter, 'exit')
  if (code !== 0) throw new Error(`the adapter has ended with exit code ${code}`)
}

async function readFigures (port: number): Promise<{ rss: number, cpu: number, skipped: number }> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const value = (name: string) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1])
  return {
    rss: value('process_resident_memory_bytes') / 2 ** 20,
    cpu: value('process_cpu_seconds_total'),
    skipped: value(`${names.metricsPrefix}_adapter_skipped_ticks_total`)
  }
}
