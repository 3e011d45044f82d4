import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import * as names from '../../src/samplesource/names.js'
import { makeHooks } from '../../src/samplesource/hooks.js'
import { Cluster } from '../harness/cluster.js'
import { applyAndSettle, applyStrategies, changesOf, condition, sampleSource, settings, system as systemObjects } from './desk.js'

/* The hook's own Deployment is related to every source: its rollout reaches them. */

const system = { ...systemObjects, hookDeployment: names.packageName }
const imageOf = (version: string) => `registry.example/${names.packageName}:${version}`

const hookDeployment = (version: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: system.hookDeployment, namespace: system.namespace },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'hook' } },
    template: { metadata: { labels: { app: 'hook' } }, spec: { containers: [{ name: 'hook', image: imageOf(version) }] } }
  }
})

/** Both versions of the hook; the time in the cluster decides which one answers. */
async function startBothVersions (t: Test) {
  const hook = { version: 'v1', now: () => new Date() }
  const server = createServer((request, response) => {
    json(request).then(body => {
      const hooks = makeHooks({ ...settings, receiveAdapterImage: imageOf(hook.version), system })
      const answer = hooks.find(({ name }) => request.url === `/${name}`)!.answer(body, hook.now())
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer.response))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.closeAllConnections(); server.close() })
  return { hook, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const sources = ['heartbeat', 'other']

const adapterImages = (cluster: Cluster): string[] => sources.map(name => {
  const [deployment] = cluster.children(cluster.parent(name, 'demo')!, 'Deployment')
  return deployment?.spec.template.spec.containers[0].image
})

/** Calls back when the hook's rollout has finished. */
function onRolledOut (cluster: Cluster, version: string, listener: () => void): void {
  cluster.onStep(step => {
    if (step.type !== 'write' || step.write.object?.metadata.name !== system.hookDeployment) return
    const { spec, status } = step.write.object
    const isDone = status?.conditions?.some(({ reason }: { reason: string }) => reason === 'NewReplicaSetAvailable')
    if (spec.template.spec.containers[0].image === imageOf(version) && status?.updatedReplicas === 2 && status.replicas === 2 && isDone) listener()
  })
}

for (const applyStrategy of applyStrategies) {
  for (const lingers of [false, true]) {
    t.test(`a new version of the hook reaches every source, ${lingers ? 'although the old one answers for a while' : 'at once'} (${applyStrategy})`, async t => {
      const { hook, url } = await startBothVersions(t)
      const cluster = new Cluster({ hookUrl: url, applyStrategy, controller: ({ spec }) => { delete spec.resyncPeriodSeconds } })
      hook.now = () => new Date(cluster.clock.now)
      cluster.apply(hookDeployment('v1'))
      for (const name of sources) await applyAndSettle(cluster, sampleSource({}, name))
      await cluster.advance(600)
      t.same(adapterImages(cluster), [imageOf('v1'), imageOf('v1')])

      let isDone = false
      onRolledOut(cluster, 'v2', () => {
        isDone = true
        if (!lingers) hook.version = 'v2'
      })
      cluster.api.resetWrites()
      cluster.apply(hookDeployment('v2'))
      await cluster.settle()
      t.ok(isDone)
      if (lingers) {
        t.same(adapterImages(cluster), [imageOf('v1'), imageOf('v1')], 'the last sync was answered by the old version')
        await cluster.advance(10)
        hook.version = 'v2'
        await cluster.advance(25)
      }
      t.same(adapterImages(cluster), [imageOf('v2'), imageOf('v2')])
      await cluster.advance(600)
      t.same(changesOf(cluster).filter(change => !change.includes('status')), ['update Deployment', 'update Deployment'], 'each adapter is updated once')
      for (const name of sources) t.equal(condition(cluster.parent(name, 'demo')), 'True')

      const { syncs } = cluster.metacontroller
      cluster.api.resetWrites()
      await cluster.advance(3600)
      t.same(cluster.api.writes, [])
      t.equal(cluster.metacontroller.syncs, syncs, 'and then nothing is synced without need')
    })
  }
}
