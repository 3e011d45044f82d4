import type { AddressInfo } from 'node:net'
import t from 'tap'
import { makeHookServer } from '../../src/http/hook-server.js'
import { hookOptions } from '../hook-options.js'
import { crd, manifests } from '../widget/widget.js'
import { Cluster } from './cluster.js'

const source = `
apiVersion: example.com/v1
kind: Widget
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

const hook = makeHookServer(hookOptions())
await hook.listen({ port: 0, host: '127.0.0.1' })
t.teardown(() => hook.close())
const hookUrl = `http://127.0.0.1:${(hook.server.address() as AddressInfo).port}`

for (const hookVersion of ['v1', 'v2'] as const) {
  for (const applyStrategy of ['dynamic-apply', 'server-side-apply'] as const) {
    t.test(`with hook version ${hookVersion} and ${applyStrategy}, a new source becomes ready and then stays unchanged`, async t => {
      const cluster = new Cluster({ hookUrl, manifests, hookVersion, applyStrategy })
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

/** All steps when a source is created, changed and deleted. */
async function story (pick?: (count: number) => number): Promise<string[]> {
  const cluster = new Cluster({ hookUrl, manifests })
  const steps: string[] = []
  cluster.onStep(step => {
    if (step.type === 'write') steps.push(`${step.write.manager} ${step.write.verb} ${step.write.kind} ${step.write.object?.metadata.resourceVersion}`)
    else steps.push(step.type === 'sync' ? 'sync' : `${step.event.reason} ${step.event.message}`)
  })
  const settle = async () => {
    const { settled } = await cluster.settle(pick === undefined ? {} : { pick })
    steps.push(settled ? 'settled' : 'not settled')
  }
  cluster.apply(source)
  await settle()
  const parent = cluster.parent('heartbeat', 'demo')
  if (parent === undefined) throw new Error('no source')
  cluster.person(parent, { spec: { interval: '20s' } })
  await settle()
  cluster.delete(parent)
  await settle()
  steps.push(`${cluster.api.list('apps/v1', 'Deployment').length} left`)
  return steps
}

t.test('every run has the same steps', async t => {
  const steps = await story()
  t.strictSame(await story(), steps)
  t.equal(steps.at(-1), '0 left')
  t.equal(steps.filter(step => step === 'settled').length, 3)
})

t.test('the order in which the controllers work can be chosen', async t => {
  for (const pick of [() => 0, (count: number) => count - 1]) {
    const steps = await story(pick)
    t.equal(steps.filter(step => step === 'settled').length, 3)
    t.equal(steps.at(-1), '0 left')
  }
})

t.test('it reads YAML, and reports what it cannot use', async t => {
  const cluster = new Cluster({ hookUrl, manifests })
  t.strictSame(cluster.apply(''), [])
  t.match(cluster.apply('{ apiVersion: example.com/v1, kind: Thing, metadata: { name: a } }'), [{ kind: 'Thing', metadata: { namespace: 'default', generation: 1 } }])
  t.throws(() => cluster.apply('a: ['), { name: 'YAMLParseError' })
  t.throws(() => new Cluster({ hookUrl, manifests: [crd] }), { message: /^no CompositeController in / })
  t.equal(cluster.parent('nobody'), undefined)
  t.same(cluster.parentKind, { apiVersion: 'example.com/v1', kind: 'Widget' })
})
