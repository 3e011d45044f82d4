import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent, request as call } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Deployment } from 'kubernetes-types/apps/v1.js'
import * as names from '../../src/samplesource/names.js'
import { makeCertificate } from '../certificates.js'
import { makeFolder } from '../folder.js'
import { Cluster, readManifests } from '../harness/cluster.js'
import { environmentOf } from '../manifests/harness/kustomize.js'
import { Program } from '../program.js'
import { changed, invalid, makeRequest, requiredSpec } from '../samplesource/source.js'
import { data } from './dashboard.js'
import { readDashboard, withVariables } from './panels.js'
import { keyOf, makeFilter } from './promql.js'
import { formatRecording, parseMetrics, type Series } from './recording.js'

/*
 * Part of `npm run pictures`: records the metrics of which the picture of the dashboard is drawn. Two real hooks, with TLS and
 * tokens, are called for a simulated cluster and by others who may not call them; three real adapters send to sinks that do
 * not always answer. It takes five minutes: the picture has what has happened in that time, as it has happened.
 */

/** In seconds. */
const [duration, interval] = [300, 5]

const ends: Array<() => void> = []
const scope = { teardown: (end: () => void) => { ends.push(end) } }

const [ca, otherCa] = [makeCertificate(scope, 'ca', 'ca'), makeCertificate(scope, 'ca', 'other')]
const server = makeCertificate(scope, 'server', 'server', ca, 'localhost', { to: new Date(Date.now() + 30 * 24 * 3600_000) })
const client = makeCertificate(scope, 'client', 'metacontroller', ca)
const token = 'a'.repeat(64)
const folder = makeFolder(scope, 'recording')
const file = (name: string, content: string) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const hooks = ['2xv7k', '9qz4m'].map(suffix => ({
  pod: `${names.packageName}-${suffix}`,
  program: new Program('hook', {
    ...environmentOf(readManifests('manifests/base').find(({ kind }) => kind === 'Deployment') as Deployment),
    PORT: '0',
    OPS_PORT: '0',
    HOST: '127.0.0.1',
    TLS_CERT_FILE: file('tls.crt', server.cert),
    TLS_KEY_FILE: file('tls.key', server.key),
    TLS_CLIENT_CA_FILE: file('ca.crt', ca.cert),
    AUTH_TOKEN_FILE: file('token', token),
    MAX_CONCURRENT_REQUESTS: '8'
  } as Record<string, string>, { t: undefined })
}))
const urls = await Promise.all(hooks.map(async ({ program }) => await program.ready()))

/** Calls one of the hooks in turn, as a Service has it. */
let turn = 0
async function callHook (path: string, body: Buffer | string, headers: object = { authorization: `Bearer ${token}` }, tls: object = client): Promise<IncomingMessage> {
  const url = new URL(path, urls[turn++ % urls.length]!.hook)
  const sent = call(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, agent: new Agent(), ca: ca.cert, ...tls })
  sent.end(body)
  const [response] = await once(sent, 'response') as [IncomingMessage]
  return response
}

/** Has the certificate and the token that a real Metacontroller has. */
const service = createServer(async (request, response) => {
  const answer = await callHook(request.url!, await buffer(request))
  response.writeHead(answer.statusCode!, answer.headers).end(await buffer(answer))
})
await once(service.listen(0, '127.0.0.1'), 'listening')
const portOf = ({ port }: AddressInfo) => port

const cluster = new Cluster({ hookUrl: `http://127.0.0.1:${portOf(service.address() as AddressInfo)}`, start: new Date() })
cluster.deployments.startupSeconds = 3
cluster.apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'event-display', namespace: 'shop' } })

let seconds = 0
const sinks = createServer(async (request: IncomingMessage, response: ServerResponse) => {
  await buffer(request)
  const isBad = seconds >= 100 && seconds < 170
  await sleep({ '/orders': 2 + 10 * Math.random(), '/payments': 20 + 60 * Math.random(), '/stock': isBad ? 2500 : 300 * Math.random() }[request.url!])
  response.writeHead(request.url === '/payments' && isBad ? 503 : 202).end()
})
await once(sinks.listen(0, '127.0.0.1'), 'listening')
const adapters = Object.entries({ orders: '500ms', payments: '1s', stock: '2s' }).map(([name, interval]) => ({
  name, program: new Program('adapter', { NAME: name, NAMESPACE: 'shop', INTERVAL: interval, K_SINK: `http://127.0.0.1:${portOf(sinks.address() as AddressInfo)}/${name}`, K_SINK_TIMEOUT: '10' }, { t: undefined })
}))
const targets = [
  ...hooks.map(({ pod }, index) => ({ url: urls[index]!.ops, labels: { namespace: names.systemNamespace, job: names.packageName, pod } })),
  ...await Promise.all(adapters.map(async ({ name, program }) => {
    const { port } = await program.logged(/^metrics server listening/)
    return { url: `http://127.0.0.1:${Number(port)}`, labels: { namespace: 'shop', container: 'receive-adapter', pod: name, knative_eventing_source_name: name } }
  }))
]

const isWanted = makeFilter(readDashboard().panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => withVariables(expr, interval))))
const series = new Map<string, Series>()

const times: number[] = []

async function scrape (): Promise<void> {
  const nth = times.length
  await Promise.all(targets.map(async ({ url, labels }) => {
    for (const sample of parseMetrics(await (await fetch(`${url}/metrics`)).text())) {
      const labelled = { labels: { ...sample.labels, ...labels }, value: sample.value }
      if (!isWanted(labelled)) continue
      const key = keyOf(labelled.labels)
      const one = series.get(key) ?? { labels: labelled.labels, values: Array<number | null>(1 + duration / interval).fill(null) }
      // As exact as a picture needs, and times to the millisecond.
      one.values[nth] = Number(sample.value.toPrecision(13))
      series.set(key, one)
    }
  }))
  times.push(Date.now() / 1000)
}

/** What people and others do in a second. */
async function live (second: number): Promise<void> {
  const source = (number: number) => ({ apiVersion: names.apiVersion, kind: names.kind, metadata: { name: `source-${number}`, namespace: 'shop' } })
  const there = Math.min(Math.ceil((second + 1) / 8), 25)
  if (second % 8 === 0 && second < 200) cluster.apply({ ...source(second / 8), spec: { ...requiredSpec, ...changed(10) } })
  if (second % 5 === 2) cluster.person(source(second % there), { spec: changed(2 + second % 50) })
  if (second >= 200 && second < 270 && second % 10 === 0) cluster.person(source(second % there), { spec: invalid })
  await cluster.advance(1)
  for (const number of [second, 3 * second]) await cluster.resync(source(number % there))

  const body = JSON.stringify(makeRequest())
  const quietly = async (promise: Promise<unknown>) => { await promise.catch(() => {}) }
  if (second % 7 === 3) await quietly(callHook('/sync', body, { authorization: `Bearer ${'b'.repeat(64)}` }))
  if (second > 220 && second % 3 === 0) await quietly(callHook('/sync', body, {}, {}))
  // Callers who speak no TLS, and later one who trusts another CA.
  if (second % 11 === 5) connect({ host: '127.0.0.1', port: Number(new URL(urls[0]!.hook).port) }).on('error', () => {}).end('GET / HTTP/1.1\r\nHost: a\r\n\r\n').resume()
  if (second > 60 && second < 130 && second % 2 === 0) await quietly(callHook('/sync', body, {}, { ca: otherCa.cert }))
  // More at once than may be, most of whom take their time to send.
  if (second >= 140 && second < 180) {
    for (const { hook } of [...urls, ...urls, ...urls, ...urls]) {
      const slow = call(new URL('/sync', hook), { method: 'POST', headers: { 'content-type': 'application/json', 'content-length': body.length, authorization: `Bearer ${token}` }, ca: ca.cert, ...client, agent: new Agent() }).on('error', () => {})
      slow.on('response', response => response.resume()).write(body.slice(0, 100))
      setTimeout(() => slow.end(body.slice(100)), 2200)
    }
    await Promise.all(Array.from({ length: 4 }, async () => await quietly(callHook('/sync', body).then(response => response.resume()))))
  }
}

const began = performance.now()
await scrape()
for (; seconds < duration; seconds++) {
  await live(seconds)
  await sleep(Math.max(0, 1000 * (seconds + 1) - (performance.now() - began)))
  if ((seconds + 1) % interval === 0) await scrape()
}
writeFileSync(data, formatRecording({ interval, times, series: [...series.values()].sort((left, right) => keyOf(left.labels) < keyOf(right.labels) ? -1 : 1) }))

for (const { program } of [...hooks, ...adapters]) program.kill('SIGKILL')
for (const end of ends) end()
service.close()
sinks.close()
process.exit()
