import t from 'tap'
import * as names from '../../src/samplesource/names.js'
import { Cluster } from '../harness/cluster.js'
import type { KubeObject } from '../harness/api-server.js'
import { changed } from '../samplesource/source.js'
import { applyAndSettle, applyStrategies, changesOf, child, combinations, condition, sampleSource, startHook, startProxy, stored, system, writesInSyncs } from './desk.js'

/* ConfigMaps of the hook's namespace reach the adapters as related objects. */

const configMap = (name: string, data: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: system.namespace }, data })
const configLogging = (level: string) => configMap('config-logging', { _example: 'x', [`loglevel.${names.component}`]: level })

/** The env vars of the adapter, without those of SinkBinding. */
function configEnvOf (cluster: Cluster): Record<string, string> {
  const env: Array<{ name: string, value: string }> = child(cluster, 'Deployment').spec.template.spec.containers[0].env
  return Object.fromEntries(env.filter(({ name }) => /^K_/.test(name) && name !== 'K_SINK' && name !== 'K_CE_OVERRIDES').map(({ name, value }) => [name, value]))
}

for (const applyStrategy of applyStrategies) {
  t.test(`ConfigMaps reach the adapters (${applyStrategy})`, async t => {
    const { url } = await startHook(t, { system })
    const cluster = new Cluster({ hookUrl: url, applyStrategy })
    await applyAndSettle(cluster)
    t.same(configEnvOf(cluster), {}, 'missing ConfigMaps: none')
    t.equal(condition(stored(cluster), 'ConfigValid'), 'True')

    /** Does something and returns the children that are written for it. */
    const writesFor = async (happen: () => unknown) => {
      cluster.api.resetWrites()
      happen()
      const { settled } = await cluster.settle()
      t.ok(settled)
      const writes = changesOf(cluster).filter(change => !change.includes('status'))
      t.same(await writesInSyncs(cluster, 10), [], 'and then nothing is written')
      t.equal(condition(stored(cluster)), 'True')
      return writes
    }

    await t.test('one is created: the adapter is rolled out once', async t => {
      t.same(await writesFor(() => cluster.apply(configLogging('debug'))), ['update Deployment'])
      t.same(configEnvOf(cluster), { K_LOGGING_CONFIG: `{"loglevel.${names.component}":"debug"}` })
    })
    await t.test('one is changed: the adapter is rolled out once', async t => {
      t.same(await writesFor(() => cluster.apply(configLogging('warn'))), ['update Deployment'])
      t.same(configEnvOf(cluster), { K_LOGGING_CONFIG: `{"loglevel.${names.component}":"warn"}` })
    })
    await t.test('its example is changed: nothing happens', async t => {
      t.same(await writesFor(() => cluster.apply({ ...configLogging('warn'), data: { _example: 'y', [`loglevel.${names.component}`]: 'warn' } })), [])
    })
    await t.test('another is created: the adapter is rolled out once', async t => {
      t.same(await writesFor(() => cluster.apply(configMap('config-observability', { 'metrics-protocol': 'prometheus' }))), ['update Deployment'])
      t.same(Object.keys(configEnvOf(cluster)).sort(), ['K_LOGGING_CONFIG', 'K_METRICS_CONFIG', 'K_OBSERVABILITY_CONFIG', 'K_TRACING_CONFIG'])
    })
    await t.test('one is malformed: the last valid values stay, and the source reports it', async t => {
      const before = child(cluster, 'Deployment')
      t.same(await writesFor(() => cluster.apply(configLogging('loud'))), [])
      t.same(child(cluster, 'Deployment'), before)
      t.equal(condition(stored(cluster), 'ConfigValid'), 'False InvalidConfig')
    })
    await t.test('meanwhile, a change of the spec keeps them', async t => {
      t.same(await writesFor(() => cluster.person(stored(cluster), { spec: changed(30) })), ['update Deployment'])
      t.match(configEnvOf(cluster), { K_LOGGING_CONFIG: `{"loglevel.${names.component}":"warn"}` })
    })
    await t.test('it is repaired: the adapter is rolled out once', async t => {
      t.same(await writesFor(() => cluster.apply(configLogging('error'))), ['update Deployment'])
      t.match(configEnvOf(cluster), { K_LOGGING_CONFIG: `{"loglevel.${names.component}":"error"}` })
      t.equal(condition(stored(cluster), 'ConfigValid'), 'True')
    })
    await t.test('they are deleted: the adapter is rolled out once for each', async t => {
      t.same(await writesFor(() => cluster.delete(configLogging(''))), ['update Deployment'])
      t.same(await writesFor(() => cluster.delete(configMap('config-observability', {}))), ['update Deployment'])
      t.same(configEnvOf(cluster), {})
    })
    await t.test('ConfigMaps with the same name in other namespaces have no effect', async t => {
      const { syncs } = cluster.metacontroller
      cluster.apply({ ...configLogging('debug'), metadata: { name: 'config-logging', namespace: 'demo' } })
      await cluster.settle()
      t.equal(cluster.metacontroller.syncs, syncs)
    })
  })
}

for (const combination of combinations) {
  t.test(`without the customize hook nothing changes (${combination.hookVersion}, ${combination.applyStrategy})`, async t => {
    const { url } = await startHook(t, { system })
    const cluster = new Cluster({ hookUrl: url, ...combination, controller: ({ spec }) => { delete spec.hooks.customize } })
    cluster.apply(configLogging('debug'))
    await applyAndSettle(cluster)
    t.same(configEnvOf(cluster), {})
    t.equal(condition(stored(cluster), 'ConfigValid'), undefined)
    t.equal(condition(stored(cluster)), 'True')
  })
}

t.test('with version v1, the hook gets no ConfigMaps from its namespace, and works without them', async t => {
  const { url } = await startHook(t, { system })
  const cluster = new Cluster({ hookUrl: url, hookVersion: 'v1' })
  cluster.apply(configLogging('debug'))
  await applyAndSettle(cluster)
  t.same(configEnvOf(cluster), {})
  t.equal(condition(stored(cluster)), 'True')
  t.same(cluster.events, [])

  const inSystem = { ...sampleSource({ sink: { uri: 'http://sink' } }), metadata: { name: 'heartbeat', namespace: system.namespace } }
  cluster.apply(inSystem)
  await cluster.settle()
  const [deployment] = cluster.children(cluster.parent('heartbeat', system.namespace) as KubeObject, 'Deployment')
  t.match(deployment?.spec.template.spec.containers[0].env.find(({ name }: { name: string }) => name === 'K_LOGGING_CONFIG'), { value: /debug/ }, 'except for existing sources')
})

for (const combination of combinations.filter(({ hookVersion }) => hookVersion === 'v2')) {
  t.test(`the hook is configured for other ConfigMaps: no adapter is rolled out before Metacontroller sends them (${combination.applyStrategy})`, async t => {
    const renamed = { ...system, loggingConfigMap: 'logging-of-ours' }
    const [before, after] = [await startHook(t, { system }), await startHook(t, { system: renamed })]
    let current = before.url
    const cluster = new Cluster({ hookUrl: await startProxy(t, () => current), ...combination })
    cluster.apply(configLogging('debug'))
    cluster.apply({ ...configLogging('warn'), metadata: { name: 'logging-of-ours', namespace: system.namespace } })
    await applyAndSettle(cluster)
    cluster.api.resetWrites()
    current = after.url
    await cluster.resync(stored(cluster), 3)
    await cluster.settle()
    t.same(changesOf(cluster).filter(change => !change.endsWith('/status')), [])
    t.match(configEnvOf(cluster), { K_LOGGING_CONFIG: /debug/ })
    t.equal(condition(stored(cluster), 'ConfigValid'), 'Unknown StaleConfig')
    t.equal(condition(stored(cluster)), 'True')

    // After 20 minutes Metacontroller calls the customize hook again.
    await cluster.advance(21 * 60)
    await cluster.resync(stored(cluster))
    await cluster.settle()
    t.same(changesOf(cluster).filter(change => !change.endsWith('/status')), ['update Deployment'])
    t.match(configEnvOf(cluster), { K_LOGGING_CONFIG: /warn/ })
    t.equal(condition(stored(cluster), 'ConfigValid'), 'True')
  })
}
