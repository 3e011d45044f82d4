import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { makeHookServer } from '../../src/http/hook-server.js'
import { Cluster, type ClusterOptions } from '../harness/cluster.js'
import type { KubeObject } from '../harness/api-server.js'
import { hookOptions } from '../hook-options.js'
import { applyAndSettle, applyStrategies, changesOf, condition, eventDisplay, sampleSource, settings, stored } from '../loop/desk.js'
import { compile, copyRepository } from './copy.js'
import { examples, isMade } from './examples.js'

/* The Service of docs/examples/service: another kind of child, by a file and a patch, in the simulated cluster. */

/** What the API server and its controllers add to a Service. */
const defaults = {
  type: 'ClusterIP',
  clusterIP: '10.96.7.8',
  clusterIPs: ['10.96.7.8'],
  sessionAffinity: 'None',
  ipFamilies: ['IPv4'],
  ipFamilyPolicy: 'SingleStack',
  internalTrafficPolicy: 'Cluster'
}

const folder = copyRepository(t)

t.test('a Service as a further child', async t => {
  const applied = await examples.service(folder)
  if (isMade && applied.code !== 0) return t.pass('its author has changed these lines')
  t.same(applied, { code: 0, output: '' })
  await compile(folder)
  testService(t)
})

/** A cluster with the patched hook. */
async function startCluster (t: Test, options: Partial<ClusterOptions> = {}): Promise<Cluster> {
  const { makeHooks } = await import(join(folder, 'build/src/samplesource/hooks.js')) as typeof import('../../src/samplesource/hooks.js')
  const app = makeHookServer({ ...hookOptions(), hooks: makeHooks(settings) })
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => await app.close())
  return new Cluster({ hookUrl: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, manifests: join(folder, 'manifests/base'), ...options })
}

function serviceOf (cluster: Cluster, name?: string): KubeObject {
  const [service, ...others] = cluster.children(stored(cluster, name), 'Service')
  if (service === undefined || others.length > 0) throw new Error(`${others.length + Number(service !== undefined)} Services`)
  return service
}

function testService (t: Test): void {
  for (const applyStrategy of applyStrategies) {
    t.test(`a Service for the adapter's port (${applyStrategy})`, async t => {
      const cluster = await startCluster(t, { applyStrategy })
      await applyAndSettle(cluster)
      t.same(changesOf(cluster).filter(change => !change.endsWith('/status')).sort(), ['create Deployment', 'create Service', 'create SinkBinding', 'update Deployment'])
      t.equal(condition(stored(cluster)), 'True')
      t.equal(condition(stored(cluster), 'Addressable'), 'True')
      const { spec: { selector } } = serviceOf(cluster)
      const [deployment] = cluster.children(stored(cluster), 'Deployment')
      t.match(deployment?.spec.template.metadata.labels, selector, 'its pods are those of the Deployment')

      cluster.person(serviceOf(cluster), { spec: defaults }, { manager: 'kube-apiserver' })
      await cluster.settle()
      cluster.api.resetWrites()
      await cluster.resync(stored(cluster), 10)
      t.same(changesOf(cluster), [], 'what the API server adds is left alone')

      cluster.person(serviceOf(cluster), { spec: { ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 1 }] } })
      await cluster.settle()
      t.match(serviceOf(cluster).spec, { ...defaults, ports: [{ port: 80, targetPort: 8080 }] }, 'what a person changes is put right')
      cluster.delete(serviceOf(cluster))
      await cluster.settle()
      t.match(serviceOf(cluster).spec.ports, [{ port: 80 }])

      cluster.person(stored(cluster), { spec: { interval: '0s' } })
      await cluster.settle()
      t.equal(condition(stored(cluster)), 'False InvalidSpec')
      cluster.api.resetWrites()
      await cluster.resync(stored(cluster), 3)
      t.same(changesOf(cluster), [])
      t.match(serviceOf(cluster).spec.ports, [{ port: 80 }], 'an invalid spec takes nothing away')

      cluster.delete(stored(cluster))
      await cluster.settle()
      t.equal(cluster.api.list('v1', 'Service').length, 1, 'the sink is left')
    })
  }

  t.test('a source with a dot in its name, and one with a name of the greatest length', async t => {
    const cluster = await startCluster(t)
    cluster.apply(eventDisplay)
    for (const name of ['my.source', `a.${'b'.repeat(240)}`]) {
      cluster.apply(sampleSource({}, name))
      await cluster.settle()
      t.match(serviceOf(cluster, name).metadata.name, /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/)
    }
  })

  t.test('Ready is not True before the Service is there', async t => {
    const cluster = await startCluster(t)
    const lies: string[] = []
    cluster.onStep(step => {
      const source = cluster.parent('heartbeat', 'demo')
      if (source !== undefined && condition(source) === 'True' && cluster.children(source, 'Service').length === 0) lies.push(step.type)
    })
    await applyAndSettle(cluster)
    t.equal(condition(stored(cluster)), 'True')
    t.same(lies, [])
  })

  t.test('ordered teardown: the Service is deleted first', async t => {
    const cluster = await startCluster(t, {
      controller: ({ spec: { hooks } }) => { hooks.finalize = { ...hooks.sync, webhook: { ...hooks.sync?.webhook, path: '/finalize' } } }
    })
    await applyAndSettle(cluster)
    cluster.api.resetWrites()
    cluster.delete(stored(cluster))
    await cluster.settle()
    t.same(changesOf(cluster).filter(change => change.startsWith('delete')), ['delete Service', 'delete Deployment', 'delete SinkBinding'])
    t.equal(cluster.parent('heartbeat', 'demo'), undefined)
  })
}
