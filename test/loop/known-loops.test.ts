import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { reconcile, type SyncRequest } from '../../src/samplesource/reconcile.js'
import { Cluster } from '../harness/cluster.js'
import { eventDisplay, sampleSource, settings, stored } from './desk.js'

/*
 * The known kinds of loops. Each has a hook with that fault, which shows that the test that finds no fault
 * in the project's hook can find one.
 */

type Fault = (response: any, syncs: number) => void

const containerOf = (response: any) => response.children[0].spec.template.spec.containers[0]

const faults: Array<[name: string, fault: Fault]> = [
  ['an empty env value', response => containerOf(response).env.push({ name: 'EMPTY', value: '' })],
  ['a quantity that is not canonical', response => { containerOf(response).resources = { limits: { cpu: '1000m' } } }],
  ['a quantity that the API server rounds', response => { containerOf(response).resources = { limits: { cpu: '100u' } } }],
  ['an empty map', response => { response.children[0].spec.template.spec.nodeSelector = {} }],
  ['an empty list', response => { containerOf(response).args = [] }],
  ['a null', response => { response.children[0].spec.template.spec.priorityClassName = null }],
  ['a field that the child\'s CRD prunes', response => { response.children[1].spec.sink.ref.group = 'core' }],
  ['a status field that the CRD prunes', response => { response.status.extra = 'x' }],
  ['a timestamp that changes', (response, syncs) => { for (const condition of response.status.conditions) condition.lastTransitionTime = new Date(Date.UTC(2026, 0, 1, 0, 0, syncs)).toISOString().replace('.000', '') }],
  ['a tug-of-war with SinkBinding over K_SINK', response => containerOf(response).env.push({ name: 'K_SINK', value: 'http://mine' })]
]

/** The hook with a fault, until the test ends. */
async function startFaultyHook (t: Test, fault: Fault): Promise<string> {
  let syncs = 0
  const server = createServer((request, response) => {
    json(request).then(body => {
      if (request.url === '/customize') return response.end('{"relatedResources":[]}')
      const answer = structuredClone(reconcile(body as SyncRequest, settings, new Date()).response)
      fault(answer, syncs++)
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The writes of 10 syncs once nothing else happens in the cluster. */
async function writesAtRest (hookUrl: string): Promise<number> {
  const cluster = new Cluster({ hookUrl })
  cluster.apply(eventDisplay)
  cluster.apply(sampleSource())
  await cluster.settle({ maxSyncs: 30 })
  cluster.api.resetWrites()
  await cluster.resync(stored(cluster), 10)
  return cluster.api.writes.length
}

t.test('a hook without a fault writes nothing at rest', async t => {
  t.equal(await writesAtRest(await startFaultyHook(t, () => {})), 0)
})

for (const [name, fault] of faults) {
  t.test(`${name} is found: it is written again at every sync`, async t => {
    t.ok(await writesAtRest(await startFaultyHook(t, fault)) >= 10)
  })
}
