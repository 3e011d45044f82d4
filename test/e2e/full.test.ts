import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import * as names from '../../src/samplesource/names.js'
import { build as kustomize, buildWith, manifests } from '../manifests/harness/kustomize.js'
import { makeCertificate } from '../certificates.js'
import { Cleanup } from './cleanup.js'
import { ClusterHook } from './cluster-hook.js'
import { callScript, strangersAreRefused, type Call } from './components/strangers.js'
import { countSyncs } from './hook.js'
import type { KubeObject } from './kube-object.js'
import { Kubectl } from './kubectl.js'
import type { Run } from './run.js'
import { makeSecrets } from './secrets.js'
import { image } from './steps/image.js'
import { readSequences } from './steps/real-events.js'
import { makeRollout } from './steps/rollout.js'
import { list, stubCommands, type Answer } from './stub.js'
import { neededSecrets, problemsBySchema } from './without-operators.js'

/* What only the level full does, with stubs for the commands that it runs. */

const signal = new AbortController().signal

function runWith (hook: ClusterHook, kubectl: Kubectl): Run {
  return {
    id: 'abc',
    level: 'full',
    facts: { kubernetes: 'v1.34.1', context: undefined, readyNodes: 1, kindCluster: 'samples', metacontroller: undefined, hasSinkBindingController: true, hasSameCrd: false },
    kubectl,
    hook,
    hookUrl: undefined,
    image: `${names.packageName}:e2e-abc`,
    namespace: 'own',
    hookNamespace: 'own-hook',
    folder: '',
    patience: { timeoutSeconds: 60, signal },
    recorder: undefined,
    cleanup: new Cleanup(),
    hasControllerManager: true
  }
}

/** A hook in a cluster with these answers. */
function stubbed (t: Test, answers: Answer[]) {
  const { calls, inputs } = stubCommands(t, { kubectl: answers })
  const kubectl = new Kubectl()
  return { calls, inputs, run: runWith(new ClusterHook({ kubectl, id: 'abc', timeoutSeconds: 60 }), kubectl) }
}

t.test('the image is built from the repository, and loaded into the kind cluster of the nodes', async t => {
  const { calls } = stubCommands(t, { docker: [{ args: 'build *' }], kind: [{ args: 'load *' }] })
  t.equal(await image.prove(runWith(new ClusterHook({ kubectl: new Kubectl(), id: 'abc', timeoutSeconds: 60 }), new Kubectl())), `${names.packageName}:e2e-abc`)
  const [built, loaded, ...more] = calls()
  t.match(built, new RegExp(`^docker build --tag ${names.packageName}:e2e-abc \\.$`))
  t.equal(loaded, `kind load docker-image ${names.packageName}:e2e-abc --name samples`)
  t.strictSame(more, [])
})

t.test('manifests/ are created, and never replace existing objects; later they are changed', async t => {
  const objects = await kustomize(`${manifests}/base`) as KubeObject[]
  const { calls, inputs, run } = stubbed(t, [{ args: 'create *' }, { args: 'rollout *' }, { args: 'apply *' }])
  await run.hook.install(objects, { [`${names.packageName}-token`]: { token: 'x' } })
  const [create, wait, controller, ...more] = calls()
  t.match(create, /^kubectl create --save-config .*--filename -$/)
  t.equal(wait, `kubectl rollout status deployment/${names.packageName} --namespace ${names.systemNamespace} --timeout=60s`)
  t.equal(controller, create)
  t.strictSame(more, [])

  const created = JSON.parse(inputs()['kubectl create *'] ?? '') as { items: KubeObject[] }
  t.match(created.items, [{ kind: 'CompositeController', metadata: { labels: { [`${names.group}/e2e`]: 'abc', 'app.kubernetes.io/name': names.packageName } } }], 'the last, once the hook is ready')
  await run.hook.install(objects)
  t.strictSame(calls().slice(3).map(call => call.split(' ')[1]), ['apply', 'rollout', 'apply'])
})

t.test('all of the manifests but the CRD are installed, with the label', async t => {
  const objects = await kustomize(`${manifests}/base`) as KubeObject[]
  // The first call ends the install, so its input is the one that is kept.
  const { inputs, run } = stubbed(t, [{ args: 'create *' }, { args: 'rollout *', code: 1 }])
  await t.rejects(run.hook.install(objects, { [`${names.packageName}-token`]: { token: 'x' } }), { message: /rollout status/ })
  const { items } = JSON.parse(inputs()['kubectl create *'] ?? '') as { items: KubeObject[] }
  t.strictSame(items.map(({ kind, metadata: { name } }) => `${kind} ${name}`), [
    `Secret ${names.packageName}-token`,
    ...objects.filter(({ kind }) => !['CustomResourceDefinition', 'CompositeController'].includes(kind)).map(({ kind, metadata: { name } }) => `${kind} ${name}`)
  ])
  for (const { kind, metadata: { labels } } of items) t.equal(labels?.[`${names.group}/e2e`], 'abc', kind)
})

t.test('without cert-manager and the Prometheus Operator, their Secrets are created here, and their kinds are validated by schema', async t => {
  const objects = await buildWith(t, ['tls', 'mtls', 'token', 'monitoring']) as KubeObject[]
  const { secrets } = makeSecrets(`${names.packageName}.${names.systemNamespace}`, t)
  const operators = /^(cert-manager\.io|monitoring\.coreos\.com)\//
  const without = objects.filter(({ apiVersion }) => !operators.test(apiVersion))
  const others = objects.filter(object => !without.includes(object))
  t.strictSame([...new Set(others.map(({ kind }) => kind))].sort(), ['Certificate', 'Issuer', 'PodMonitor', 'PrometheusRule', 'ServiceMonitor'])
  t.strictSame(await problemsBySchema(others), [])
  t.strictSame(await problemsBySchema([]), [])
  t.match(await problemsBySchema(others.map(object => ({ ...object, spec: { ...object.spec, misspelt: 1 } }))), others.map(({ kind, metadata: { name } }) => `${kind} ${name}: /spec/misspelt: unknown field`))

  t.strictSame(Object.keys(neededSecrets(without, secrets)).sort(), Object.keys(secrets).sort(), 'all of them')
  t.strictSame(Object.keys(neededSecrets(objects, secrets)), [`${names.packageName}-token`], 'with cert-manager, only the Secret that the user must create')
  t.strictSame(neededSecrets(await kustomize(`${manifests}/base`) as KubeObject[], secrets), {})
  // For the host name that Metacontroller calls.
  const { 'tls.crt': cert = '', 'ca.crt': ca = '' } = secrets[`${names.packageName}-tls`]!
  const certificate = new X509Certificate(cert)
  t.ok(certificate.checkHost(`${names.packageName}.${names.systemNamespace}`))
  t.ok(certificate.verify(new X509Certificate(ca).publicKey))
})

t.test('syncs are counted in the metrics of every pod', async t => {
  const metrics = (sync: number) => `# TYPE ${names.metricsPrefix}_hook_requests_total counter\n${names.metricsPrefix}_hook_requests_total{hook="sync",code="200"} ${sync}\n${names.metricsPrefix}_hook_requests_total{hook="sync",code="400"} 1\n${names.metricsPrefix}_hook_requests_total{hook="none",code="404"} 7\n`
  t.equal(countSyncs(metrics(3)), 4)
  t.equal(countSyncs(''), 0)
  t.equal(countSyncs(metrics(3), 200), 3)
  t.equal(countSyncs(metrics(3), 304), 0)
  const { run } = stubbed(t, [
    { args: `get pods --namespace ${names.systemNamespace} --selector app.kubernetes.io/name=${names.packageName} *`, stdout: list({ metadata: { name: 'a' } }, { metadata: { name: 'b' } }) },
    { args: `exec a --namespace ${names.systemNamespace} --container hook -- /nodejs/bin/node --eval *`, stdout: metrics(3) },
    { args: `exec b --namespace ${names.systemNamespace} --container hook -- /nodejs/bin/node --eval *`, stdout: metrics(10) }
  ])
  t.equal(await run.hook.syncs(), 15)
  t.equal(await run.hook.syncs(400), 2)
})

t.test('an unauthorized caller in the pod is refused, and a caller with all credentials is not', async t => {
  const scope = { teardown: (end: () => void) => { t.teardown(end) } }
  const ca = makeCertificate(scope, 'ca', 'ca')
  const [server, client] = [makeCertificate(scope, 'server', '', ca), makeCertificate(scope, 'client', 'metacontroller', ca)]
  const hook = createServer({ ...server, ca: ca.cert, requestCert: true, rejectUnauthorized: false }, (request, response) => {
    const isKnown = (request.socket as TLSSocket).authorized
    response.writeHead(!isKnown ? 403 : request.headers.authorization === 'Bearer right' ? 400 : 401).end()
  }).listen(0, '127.0.0.1')
  await once(hook, 'listening')
  t.teardown(() => hook.close())
  const { port } = hook.address() as AddressInfo
  const call = async (options: Call) => await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, ['--eval', callScript(port, options)], (error, stdout) => error === null ? resolve(stdout) : reject(error))
  })
  const headers = { authorization: 'Bearer right' }
  t.equal(await call({ ca: ca.cert, ...client, headers }), '400\n')
  t.equal(await call({ ca: ca.cert, ...client }), '401\n')
  t.equal(await call({ ca: ca.cert, headers }), '403\n')
  t.equal(await call({ headers }), 'none\n')

  const { calls, run } = stubbed(t, [
    { args: 'get pods *', stdout: list({ metadata: { name: 'old', deletionTimestamp: '2026-11-27T10:00:04Z' } }, { metadata: { name: 'a' } }) },
    { args: 'exec a *', shell: 'case "$*" in *authorization*) echo 400;; *) echo 401;; esac' }
  ])
  const trial = { run, components: ['token'], credentials: { ca: '', client: { cert: '', key: '' }, token: 'right' }, source: {} as KubeObject }
  t.equal(await strangersAreRefused(trial), undefined)
  t.equal(calls().filter(call => call.includes(' exec a ')).length, 2)
  t.equal(await strangersAreRefused({ ...trial, credentials: undefined }), undefined, 'credentials that cert-manager made are not known')
  await t.rejects(strangersAreRefused({ ...trial, components: [] }), { message: /with all credentials/ })
})

t.test('events are read from the log of an event-display', async t => {
  const event = (team: string, sequence: number) => ['☁️  cloudevents.Event', 'Context Attributes,', '  specversion: 1.0', `  type: ${names.eventType}`, 'Extensions,', `  team: ${team}`, 'Data,', '  {', '    "heartbeat": "1s",', `    "sequence": ${sequence}`, '  }', ''].join('\n')
  t.strictSame(readSequences(`2026/11/23 starting\n${event('e2e', 0)}${event('samples', 7)}${event('e2e', 1)}`, 'e2e'), [0, 1])
  t.strictSame(readSequences(event('e2e', 3).replace(names.eventType, 'dev.knative.other'), 'e2e'), [])
})

const rollout = makeRollout({ warmUpSeconds: 0, drainSeconds: 0 })

const ready = (conditions: string[]) => ({
  metadata: { name: 'load', namespace: 'own', generation: 1 },
  status: { observedGeneration: 1, conditions: conditions.map(type => ({ type, status: 'True' })) }
})

/** A cluster in which everything works, with these Events. */
function loaded (...events: object[]): Answer[] {
  return [
    { args: 'create *' },
    { args: `get ${names.plural}*`, stdout: ready(['SpecValid', 'SinkProvided', 'SinkBindingReady', 'Deployed', 'Ready']) },
    { args: 'get deployments*', stdout: list() },
    { args: 'get compositecontrollers*', stdout: { spec: { resyncPeriodSeconds: 3600 } } },
    { args: 'get events*', stdout: list(...events) },
    // As long as a real one takes.
    { args: 'patch *', shell: 'sleep 0.1' },
    { args: 'rollout restart *' },
    { args: 'rollout status *', shell: 'sleep 1' },
    { args: 'delete *' }
  ]
}

t.test('the hook is rolled while sources are synced and changed', async t => {
  const before = { involvedObject: { name: 'load-1' }, message: 'long ago', lastTimestamp: '2020-01-01T00:00:00Z' }
  const { calls, run } = stubbed(t, loaded(before))
  t.match(await rollout.prove(run), /^10 sources synced every second, and [1-9]\d* changes of their specs$/)
  const order = calls().filter(call => /restart|rollout status|resyncPeriodSeconds|"spec":|get events/.test(call))
    .map(call => /restart|status|resyncPeriodSeconds":\d+|interval|events/.exec(call)?.[0] ?? '')
    .filter((word, index, words) => word !== words[index - 1])
  t.strictSame([order[0], order[1], order.at(-2), order.at(-1)], ['resyncPeriodSeconds":1', 'restart', 'events', 'resyncPeriodSeconds":3600'])
  t.ok(order.indexOf('interval') > 1 && order.indexOf('interval') < order.indexOf('events'))
})

t.test('a SyncError during the rollout is reported', async t => {
  const { run } = stubbed(t, loaded({ involvedObject: { name: 'load-1' }, message: 'sync hook failed', lastTimestamp: new Date(Date.now() + 60_000).toISOString() }))
  t.match(await rollout.prove(run).catch((error: unknown) => error), { expected: 'no SyncError', seen: '- "load-1: sync hook failed"' })
})
