import t from 'tap'
import { readConfig } from '../../src/adapter/config.js'
import { readSettings } from '../../src/adapter/heartbeat.js'
import { parseOverrides } from '../../src/adapter/overrides.js'
import { component } from '../../src/samplesource/names.js'
import { makeCertificates } from '../certificates.js'
import { environmentOf } from '../harness/pod-environment.js'
import { longest } from '../samplesource/source.js'
import { applyAndSettle, changesOf, child, condition, inCluster, sampleSource, stored, writesInSyncs } from './desk.js'

const { ref } = sampleSource().spec.sink
const pem = makeCertificates(t).ca.cert

inCluster(t, 'every value from a person reaches the adapter unchanged', async (t, cluster) => {
  const extensions = { team: '$(NAME) $$ $5 "$(EVENT_SOURCE)" $(K_SINK) $', market: '<&>\u2028' }
  await applyAndSettle(cluster, sampleSource({ sink: { ref, uri: '/$(NAME)/$$5' }, ceOverrides: { extensions } }))
  t.equal(condition(stored(cluster)), 'True')
  const deployment = child(cluster, 'Deployment')
  const environment = environmentOf(deployment.spec.template.spec.containers[0], deployment)
  t.equal(environment['K_SINK'], 'http://event-display.demo.svc.cluster.local/$(NAME)/$$5')
  t.equal(stored(cluster).status.sinkUri, environment['K_SINK'], 'the status has the same sink')
  const mistakes: string[] = []
  t.same(parseOverrides(environment['K_CE_OVERRIDES'] as string, mistakes), extensions)
  t.same(mistakes, [])

  t.same(await writesInSyncs(cluster, 5), [])
})

inCluster(t, 'the largest valid spec runs; a larger one is reported, and changes no child', async (t, cluster) => {
  const large = {
    ...longest,
    sink: { ref, uri: `/${'x'.repeat(2047)}`, CACerts: pem + '"'.repeat(64 * 1024 - pem.length), audience: 'x'.repeat(2048) },
    ceOverrides: { extensions: Object.fromEntries(Array.from({ length: 64 }, (_, index) => [`e${index + 10}`, '<'.repeat(125)])) }
  }
  await applyAndSettle(cluster, sampleSource(large))
  t.equal(condition(stored(cluster)), 'True')
  const deployment = child(cluster, 'Deployment')
  const environment = environmentOf(deployment.spec.template.spec.containers[0], deployment)
  t.same(readConfig(environment, component, readSettings).mistakes, undefined, 'the adapter starts')

  const before = cluster.children(stored(cluster))
  cluster.api.resetWrites()
  cluster.apply(sampleSource({ ...large, sink: { ...large.sink, CACerts: pem + '<'.repeat(64 * 1024 - pem.length) } }))
  const { settled } = await cluster.settle()
  t.ok(settled)
  t.equal(condition(stored(cluster)), 'False InvalidSpec')
  t.match(stored(cluster).status.conditions.find(({ type }: { type: string }) => type === 'SpecValid').message, /^SinkBinding: expected at most 245760 bytes as JSON/)
  t.same(changesOf(cluster).filter(change => !change.includes('status')), [])
  t.same(cluster.children(stored(cluster)), before)
  t.same(cluster.events, [])
})

inCluster(t, 'no Service of its namespace gets into the environment of an adapter', async (t, cluster) => {
  cluster.apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'metrics', namespace: 'demo' } })
  await applyAndSettle(cluster)
  const deployment = child(cluster, 'Deployment')
  const environment = environmentOf(deployment.spec.template.spec.containers[0], deployment, cluster.api.list('v1', 'Service', { namespace: 'demo' }))
  t.same(readConfig(environment, component, readSettings).mistakes, undefined, 'METRICS_PORT is a port')
})
