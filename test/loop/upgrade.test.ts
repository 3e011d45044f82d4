import type { AddressInfo } from 'node:net'
import t from 'tap'
import { makeHookServer } from '../../src/http/hook-server.js'
import { makeHooks } from '../../src/samplesource/hooks.js'
import { Cluster } from '../harness/cluster.js'
import { hookOptions } from '../hook-options.js'
import { applyAndSettle, changesOf, child, combinations, condition, settings, stored, writesInSyncs } from './desk.js'

/** A child in the answer of version 0.1.0. */
function asBefore (child: any): any {
  const { metadata, spec, ...rest } = structuredClone(child)
  const withoutRecommended = ({ labels, ...metadata }: any) => ({
    ...metadata, labels: Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith('app.kubernetes.io/')))
  })
  if (spec.template !== undefined) {
    spec.template.metadata = withoutRecommended(spec.template.metadata)
    delete spec.minReadySeconds
    spec.replicas = 1
    delete spec.paused
    delete spec.template.spec.enableServiceLinks
    delete spec.template.spec.containers[0].securityContext.readOnlyRootFilesystem
  }
  return { ...rest, metadata: withoutRecommended(metadata), spec }
}

for (const combination of combinations) {
  t.test(`an upgrade rolls each adapter once (${combination.hookVersion}, ${combination.applyStrategy})`, async t => {
    let isUpgraded = false
    const hooks = makeHooks(settings).map(hook => ({
      ...hook,
      answer: (request: any, now: Date) => {
        const answer = hook.answer(request, now) as { response: { children?: unknown[] } }
        const { children } = answer.response
        return isUpgraded || children === undefined ? answer : { ...answer, response: { ...answer.response, children: children.map(asBefore) } }
      }
    }))
    const app = makeHookServer({ ...hookOptions(), hooks })
    await app.listen({ port: 0, host: '127.0.0.1' })
    t.teardown(async () => await app.close())
    const cluster = new Cluster({ hookUrl: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`, ...combination })
    await applyAndSettle(cluster)
    const { metadata: { uid }, spec: { selector } } = child(cluster, 'Deployment')

    isUpgraded = true
    cluster.api.resetWrites()
    await cluster.resync(stored(cluster))
    const { settled } = await cluster.settle()
    t.ok(settled)
    t.same(changesOf(cluster).filter(change => !change.includes('status')), ['update Deployment', 'update SinkBinding'])
    t.equal(condition(stored(cluster)), 'True')
    const { metadata, spec } = child(cluster, 'Deployment')
    t.equal(metadata.uid, uid)
    t.same(spec.selector, selector)
    t.equal(metadata.annotations?.['deployment.kubernetes.io/revision'], '2', 'one rollout')

    t.same(await writesInSyncs(cluster, 5), [])
  })
}
