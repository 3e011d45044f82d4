import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import t from 'tap'
import { makeHookServer } from '../../src/http/hook-server.js'
import { Cluster } from './cluster.js'

const settings = { receiveAdapterImage: 'registry.example/samplesource-hook:v1', receiveAdapterArgs: [], additionalEnvs: [] }

const source = `
apiVersion: samples.knative.dev/v1alpha1
kind: SampleSource
metadata:
  name: heartbeat
  namespace: demo
spec:
  interval: 10s
  resources:
    requests: { cpu: 10m, memory: 32Mi }
    limits: { memory: 64Mi }
  ceOverrides:
    extensions: { team: checkout }
  sink:
    ref: { apiVersion: v1, kind: Service, name: event-display }
---
apiVersion: v1
kind: Service
metadata:
  name: event-display
  namespace: demo
`

const hook = makeHookServer({ logger: pino({ level: 'silent' }), settings, bodyLimit: 16 * 1024 * 1024 })
await hook.listen({ port: 0, host: '127.0.0.1' })
t.teardown(() => hook.close())
const hookUrl = `http://127.0.0.1:${(hook.server.address() as AddressInfo).port}`

for (const hookVersion of ['v1', 'v2'] as const) {
  for (const applyStrategy of ['dynamic-apply', 'server-side-apply'] as const) {
    t.test(`with hook version ${hookVersion} and ${applyStrategy}, a new source gets ready and then stays as it is`, async t => {
      const cluster = new Cluster({ hookUrl, hookVersion, applyStrategy })
      const [parent] = cluster.apply(source)
      const { settled } = await cluster.settle()
      t.equal(settled, true)
      t.same(cluster.events, [])

      const stored = cluster.parent('heartbeat', 'demo')
      const ready = stored?.status.conditions.find(({ type }: { type: string }) => type === 'Ready')
      t.match(ready, { status: 'True' })
      t.match(stored?.status, { observedGeneration: 1, sinkUri: 'http://event-display.demo.svc.cluster.local' })

      const verb = applyStrategy === 'dynamic-apply' ? 'create' : 'apply'
      t.equal(cluster.api.count({ verb, manager: 'metacontroller', changed: true }), 2)
      t.equal(cluster.api.count({ kind: 'Deployment', verb: 'update', manager: 'metacontroller' }), 0)

      cluster.api.resetWrites()
      const before = cluster.metacontroller.syncs
      if (parent !== undefined) await cluster.resync(parent, 100)
      t.equal(cluster.metacontroller.syncs - before, 100)
      t.same(cluster.api.writes, [])
    })
  }
}
