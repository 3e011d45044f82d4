import t, { type Test } from 'tap'
import * as names from '../../src/samplesource/names.js'
import { Cluster } from '../harness/cluster.js'
import { changed } from '../samplesource/source.js'
import { applyAndSettle, changesOf, child, combinations, condition, eventDisplay, inCluster, sampleSource, settings, startHook, startProxy, stored, writesInSyncs, type Combination } from './desk.js'

inCluster(t, 'the sink is missing, and appears later', async (t, cluster) => {
  cluster.apply(sampleSource())
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'False NoAddressable')
  t.equal(stored(cluster).status.sinkUri, undefined)
  cluster.apply(eventDisplay)
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'True')
})

inCluster(t, 'the sink changes its URL, and gets certificates', async (t, cluster) => {
  await applyAndSettle(cluster)
  cluster.api.resetWrites()
  cluster.sinkBindings.setAddress(eventDisplay, { url: 'https://elsewhere', CACerts: 'PEM', audience: 'a' })
  await cluster.settle()
  t.match(stored(cluster).status, { sinkUri: 'https://elsewhere', sinkCACerts: 'PEM', sinkAudience: 'a' })
  t.equal(condition(stored(cluster)), 'True')
  t.same(changesOf(cluster).filter(change => !change.includes('status')), [], 'the hook leaves the injected values to SinkBinding')
})

inCluster(t, 'the Deployment never becomes available', async (t, cluster) => {
  cluster.deployments.be('failing')
  await applyAndSettle(cluster)
  t.equal(condition(stored(cluster)), 'Unknown DeploymentUpdating', 'it has not failed yet')
  await cluster.advance(900)
  t.equal(condition(stored(cluster)), 'False ProgressDeadlineExceeded')
  t.same(await writesInSyncs(cluster, 10), [])
  cluster.deployments.be('working')
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'True')
})

inCluster(t, 'a quota refuses the pods', async (t, cluster) => {
  cluster.deployments.be('refused')
  await applyAndSettle(cluster)
  t.equal(condition(stored(cluster)), 'False FailedCreate')
  cluster.deployments.be('working')
  await cluster.advance(60)
  t.equal(condition(stored(cluster)), 'True')
})

inCluster(t, 'the controllers of the children lag: Ready is Unknown, never True', async (t, cluster) => {
  await applyAndSettle(cluster)
  cluster.deployments.be('lagging')
  cluster.apply(sampleSource(changed(20)))
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'Unknown DeploymentUpdating')
  cluster.deployments.be('working')
  cluster.sinkBindings.be('lagging')
  cluster.apply(sampleSource({ ...changed(20), sink: { uri: 'http://other' } }))
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'Unknown SinkBindingUpdating')
  cluster.sinkBindings.be('working')
  await cluster.settle()
  t.equal(condition(stored(cluster)), 'True')
  t.equal(stored(cluster).status.sinkUri, 'http://other')
})

for (const propagation of ['Background', 'Foreground'] as const) {
  inCluster(t, `the source is deleted (${propagation}): its children are deleted too, and none is created again`, async (t, cluster) => {
    await applyAndSettle(cluster)
    const children = cluster.children(stored(cluster))
    cluster.api.resetWrites()
    cluster.delete(stored(cluster), propagation)
    const { settled } = await cluster.settle()
    t.ok(settled)
    t.equal(cluster.parent('heartbeat', 'demo'), undefined)
    for (const child of children) t.equal(cluster.api.find(child), undefined)
    t.equal(changesOf(cluster).filter(change => change.startsWith('create')).length, 0)
  })
}

t.test('the hook is down, slow, answers 500 and 429, and comes back', async t => {
  // The slow answers are waited for at the same time.
  t.jobs = combinations.length
  for (const combination of combinations) {
    t.test(`${combination.hookVersion}, ${combination.applyStrategy}`, { buffered: true }, async t => await failAndComeBack(t, combination))
  }
})

async function failAndComeBack (t: Test, combination: Combination): Promise<void> {
  const { url } = await startHook(t)
  let mode: 'pass' | 'error' | 'slow' | 'busy' | 'reset' = 'pass'
  const proxyUrl = await startProxy(t, (request, response) => {
    if (mode === 'error') response.writeHead(500).end('{"error":"internal error"}')
    else if (mode === 'busy') response.writeHead(429, { 'retry-after': '7' }).end()
    else if (mode === 'reset') request.socket.destroy()
    return mode === 'pass' ? url : undefined
  })
  const patient = new Cluster({ hookUrl: proxyUrl, ...combination })
  // On a busy machine, what is not slow may be too slow for this one.
  const hasty = new Cluster({ hookUrl: proxyUrl, hookTimeoutMs: 2_000, ...combination })

  for (const trouble of ['error', 'reset', 'busy', 'slow'] as const) {
    const cluster = trouble === 'slow' ? hasty : patient
    mode = 'pass'
    await applyAndSettle(cluster)
    await cluster.advance(120)
    t.equal(condition(stored(cluster)), 'True')
    mode = trouble
    cluster.api.resetWrites()
    cluster.events.length = 0
    cluster.apply(sampleSource(changed(100 + trouble.length + trouble.charCodeAt(0))))
    await cluster.settle({ patience: 5, maxSyncs: 4 })
    t.same(changesOf(cluster), [], `${trouble}: nothing is written`)
    if (trouble === 'busy') t.same(cluster.events, [], 'busy: no event')
    else t.match(cluster.events[0], { type: 'Warning', reason: 'SyncError' }, trouble)
    if (trouble === 'error') t.match(cluster.events[0]?.message, /unsupported status code: 500 body: {"error":"internal error"}$/)
    mode = 'pass'
    await cluster.advance(120)
    t.equal(condition(stored(cluster)), 'True', `${trouble}: over`)
    t.equal(stored(cluster).status.observedGeneration, stored(cluster).metadata.generation)
  }
}

for (const combination of combinations) {
  const name = `${combination.hookVersion}, ${combination.applyStrategy}`

  t.test(`the hook is replaced by one with another image: each adapter is updated once (${name})`, async t => {
    const [before, after] = [await startHook(t), await startHook(t, { ...settings, receiveAdapterImage: `registry.example/${names.packageName}:v2` })]
    let current = before.url
    const cluster = new Cluster({ hookUrl: await startProxy(t, () => current), ...combination })
    await applyAndSettle(cluster)
    cluster.api.resetWrites()
    current = after.url
    await cluster.resync(stored(cluster))
    const { settled } = await cluster.settle()
    t.ok(settled)
    t.same(changesOf(cluster).filter(change => !change.includes('status')), ['update Deployment'])
    t.equal(child(cluster, 'Deployment').spec.template.spec.containers[0].image, `registry.example/${names.packageName}:v2`)
    t.equal(condition(stored(cluster)), 'True')
  })
}
