import t from 'tap'
import { ApiServer } from './api-server.js'
import { Clock } from './clock.js'
import { EventRecorder } from './events.js'
import { SinkBindingController } from './sink-binding-controller.js'

const subject = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', namespace: 'demo' } }
const deployment = {
  ...subject,
  spec: {
    selector: { matchLabels: { app: 'd' } },
    template: {
      metadata: { labels: { app: 'd' } },
      spec: { initContainers: [{ name: 'i', image: 'x:1' }], containers: [{ name: 'c', image: 'x:1', env: [{ name: 'A', value: '1' }] }] }
    }
  }
}
const reference = { apiVersion: 'sources.knative.dev/v1', kind: 'SinkBinding', metadata: { name: 'b', namespace: 'demo' } }
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'display', namespace: 'demo' } }
const by = { manager: 'm' }

function sinkBinding (sink: object, ceOverrides?: object) {
  return {
    ...reference,
    spec: { sink, ...(ceOverrides !== undefined && { ceOverrides }), subject: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } }
  }
}

function makeCluster ({ webhook = false } = {}) {
  const clock = new Clock()
  const api = new ApiServer(clock)
  const recorder = new EventRecorder(clock)
  const controller = new SinkBindingController(api, clock, recorder)
  controller.webhook = webhook
  const run = () => {
    while (controller.step());
    return api.find(reference)?.status
  }
  const envOf = (name = 'c') => {
    const { containers, initContainers } = api.get(subject).spec.template.spec
    return [...containers, ...initContainers].find(container => container.name === name).env
  }
  return { api, clock, controller, events: recorder.events, run, envOf }
}

const toService = { ref: { apiVersion: 'v1', kind: 'Service', name: 'display' } }

t.test('a SinkBinding is bound if its sink and subject exist', async t => {
  const { api, run, envOf } = makeCluster()
  api.create(deployment, by)
  api.create(service, by)
  api.create(sinkBinding(toService, { extensions: { team: 'a<b' } }), by)
  const time = '2026-01-01T00:00:00Z'
  const oidc = { reason: 'authentication-oidc feature disabled', status: 'True', lastTransitionTime: time }
  t.strictSame(run(), {
    conditions: [
      { ...oidc, type: 'OIDCIdentityCreated' },
      { ...oidc, type: 'OIDCTokenSecretCreated' },
      { type: 'Ready', status: 'True', lastTransitionTime: time },
      { type: 'SinkBindingAvailable', status: 'True', lastTransitionTime: time },
      { type: 'SinkProvided', status: 'True', lastTransitionTime: time },
      { type: 'TrustBundlePropagated', status: 'True', lastTransitionTime: time }
    ],
    sinkUri: 'http://display.demo.svc.cluster.local',
    observedGeneration: 1
  })
  const injected = [
    { name: 'K_SINK', value: 'http://display.demo.svc.cluster.local' },
    { name: 'K_CE_OVERRIDES', value: '{"extensions":{"team":"a\\u003cb"}}' }
  ]
  t.strictSame(envOf(), [{ name: 'A', value: '1' }, ...injected])
  t.strictSame(envOf('i'), injected)
  t.strictSame(api.get(reference).metadata.finalizers, ['sinkbindings.sources.knative.dev'])
  t.match(api.get(reference).spec, { sink: { ref: { namespace: 'demo' } }, subject: { namespace: 'demo' } }, 'with the namespaces filled in')
  t.equal(api.get(subject).metadata.managedFields?.some(({ manager }) => manager === 'eventing-webhook'), true)

  api.resetWrites()
  t.ok(run())
  t.equal(api.count(), 0)
})

t.test('without overrides the value is empty, and the API server drops it', async t => {
  const { api, run, envOf } = makeCluster()
  api.create(deployment, by)
  api.create(sinkBinding({ uri: 'http://sink.example' }), by)
  run()
  t.strictSame(envOf(), [{ name: 'A', value: '1' }, { name: 'K_SINK', value: 'http://sink.example' }, { name: 'K_CE_OVERRIDES' }])
})

t.test('the kinds of sink', async t => {
  const { api, controller, run, envOf } = makeCluster()
  api.create(deployment, by)
  api.create(service, by)
  api.create(sinkBinding(toService), by)
  const resolve = (sink: object) => {
    api.patch(reference, draft => { draft.spec.sink = sink }, by)
    const { sinkUri, conditions } = run()
    const { status, message } = conditions.find(({ type }: any) => type === 'SinkProvided')
    return status === 'True' ? sinkUri : message
  }
  const problem = (text: string) => `Addressable could not be extracted from destination: ${text}`
  t.equal(resolve({ ...toService, uri: '/path?q' }), 'http://display.demo.svc.cluster.local/path?q')
  t.equal(resolve({ ...toService, CACerts: 'PEM' }), 'https://display.demo.svc.cluster.local')
  t.match(envOf().find(({ name }: any) => name === 'K_CA_CERTS'), { value: 'PEM' })
  t.match(api.get(reference).status, { sinkCACerts: 'PEM' })
  t.equal(resolve({ uri: 'https://sink.example/x', audience: 'a' }), 'https://sink.example/x')
  t.match(api.get(reference).status, { sinkAudience: 'a' })
  t.notOk('sinkCACerts' in api.get(reference).status)
  for (const [sink, message] of [
    [{ uri: '/x' }, /Relative URI is not allowed/],
    [{ ...toService, uri: 'http://other.example' }, /Absolute URI is not allowed/],
    [{}, /expected at least one, got none: spec.sink.ref, spec.sink.uri/]
  ] as const) t.throws(() => resolve(sink), { code: 400, message })
  for (const subject of [{ name: 'a', selector: { matchLabels: { a: 'b' } } }, {}]) {
    t.throws(() => api.patch(reference, draft => { draft.spec.subject = { apiVersion: 'apps/v1', kind: 'Deployment', ...subject } }, by), { code: 400, message: /expected exactly one/ })
  }

  const broker = { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', metadata: { name: 'br', namespace: 'demo' } }
  const toBroker = { ref: { apiVersion: broker.apiVersion, kind: 'Broker', name: 'br' } }
  t.equal(resolve(toBroker), problem('failed to get object demo/br: brokers.eventing.knative.dev "br" not found'))
  api.definePlain(broker.apiVersion, 'Broker')
  api.create(broker, by)
  t.match(resolve(toBroker), /address not set for &\{Broker demo br/)
  api.patch(broker, { status: { address: { url: 'http://broker.example/demo/br' } } }, by)
  t.equal(resolve(toBroker), 'http://broker.example/demo/br')
  controller.setAddress(broker, { url: 'http://moved.example' })
  t.equal(run().sinkUri, 'http://moved.example')
  controller.setAddress(broker, undefined)
  t.equal(run().sinkUri, 'http://broker.example/demo/br')
})

t.test('a sink that is created later and then deleted', async t => {
  const { api, clock, events, run, envOf } = makeCluster()
  api.create(deployment, by)
  api.create(sinkBinding(toService), by)
  const message = 'Addressable could not be extracted from destination: failed to get object demo/display: services "display" not found'
  t.match(run(), { conditions: [{}, {}, { type: 'Ready', status: 'False', reason: 'NoAddressable', message }, {}, { type: 'SinkProvided', status: 'False', reason: 'NoAddressable', message }, {}] })
  t.notOk('observedGeneration' in run())
  t.match(events, [{ type: 'Warning', reason: 'InternalError', message: 'failed to get object demo/display: services "display" not found' }])
  t.strictSame(envOf(), [{ name: 'A', value: '1' }])

  clock.advanceTo(clock.now + 5000)
  api.create(service, by)
  t.match(run(), { observedGeneration: 1, sinkUri: 'http://display.demo.svc.cluster.local', conditions: [{}, {}, { status: 'True', lastTransitionTime: '2026-01-01T00:00:05Z' }] })
  t.ok(envOf().length > 1)

  api.delete(service, by)
  t.match(run(), { observedGeneration: 1, sinkUri: 'http://display.demo.svc.cluster.local', conditions: [{}, {}, { status: 'False' }] }, 'the last address stays in the status')
  t.strictSame(envOf(), [{ name: 'A', value: '1' }], 'and is no longer injected')
})

t.test('a subject that does not exist yet', async t => {
  const { api, run } = makeCluster()
  api.create(sinkBinding({ uri: 'http://sink.example' }), by)
  t.match(run(), { conditions: [{ status: 'Unknown' }, {}, { type: 'Ready', status: 'False', reason: 'SubjectMissing' }, { type: 'SinkBindingAvailable', status: 'False', message: 'deployments.apps "d" not found' }] })
  api.create(deployment, by)
  t.match(run(), { observedGeneration: 1, conditions: [{}, {}, { type: 'Ready', status: 'True' }] })
})

t.test('a token for a sink with an audience is mounted after the status names it', async t => {
  const { api, controller, run } = makeCluster()
  controller.oidc = true
  api.create(deployment, by)
  api.create(sinkBinding({ uri: 'http://sink.example', audience: 'a' }), by)
  const volumes = () => api.get(subject).spec.template.spec.volumes?.map(({ name }: any) => name)
  controller.step()
  t.match(api.get(reference).status, { observedGeneration: 1, oidcTokenSecretName: 'b-oidc-token', conditions: [{}, {}, { type: 'Ready', status: 'True' }] })
  t.equal(volumes(), undefined)
  run()
  t.same(volumes(), ['oidc-token'])
  t.match(api.get(subject).spec.template.spec.containers, [{ volumeMounts: [{ name: 'oidc-token', mountPath: '/oidc' }] }])
  api.patch(reference, draft => { delete draft.spec.sink.audience }, by)
  t.match(run(), { conditions: [{ reason: 'Sink has no audience defined' }] })
  t.equal(volumes(), undefined)
})

t.test('with a stale cache, the subject is missing for a moment', async t => {
  const { api, controller, run } = makeCluster()
  controller.cacheLags = true
  api.create(deployment, by)
  api.create(sinkBinding({ uri: 'http://sink.example' }), by)
  controller.step()
  t.match(api.get(reference).status, { conditions: [{}, {}, { type: 'Ready', status: 'False', reason: 'SubjectMissing' }] })
  t.match(run(), { conditions: [{}, {}, { type: 'Ready', status: 'True' }] })
})

t.test('a removed variable is injected again, after those that a person added', async t => {
  const { api, run, envOf } = makeCluster()
  api.create(deployment, by)
  api.create(sinkBinding({ uri: 'http://sink.example' }), by)
  run()
  api.patch(subject, draft => {
    const [container] = draft.spec.template.spec.containers
    container.env = [...container.env.filter(({ name }: any) => name !== 'K_SINK'), { name: 'MINE', value: 'x' }]
  }, by)
  run()
  t.strictSame(envOf().map(({ name }: any) => name), ['A', 'MINE', 'K_SINK', 'K_CE_OVERRIDES'])
})

t.test('with the webhook, the address is injected when the subject is written', async t => {
  const { api, run, envOf, controller } = makeCluster({ webhook: true })
  api.create(sinkBinding({ uri: 'http://sink.example' }), by)
  run()
  api.create(deployment, by)
  t.strictSame(envOf().map(({ name }: any) => name), ['A', 'K_SINK', 'K_CE_OVERRIDES'])
  t.notOk(JSON.stringify(api.get(subject).metadata.managedFields).includes('K_SINK'), 'without a manager')
  controller.be('lagging')
  api.update(deployment, by)
  t.strictSame(envOf().map(({ name }: any) => name), ['A'])
})

t.test('a deletion removes the injected values first', async t => {
  const { api, run, envOf } = makeCluster()
  api.create(deployment, by)
  api.create(sinkBinding({ uri: 'http://sink.example' }), by)
  run()
  api.delete(reference, by)
  t.ok(api.get(reference).metadata.deletionTimestamp)
  run()
  t.equal(api.find(reference), undefined)
  t.strictSame(envOf(), [{ name: 'A', value: '1' }])
  t.equal(envOf('i'), undefined)

  api.create(sinkBinding({ uri: 'http://sink.example' }), by)
  run()
  api.delete(subject, by)
  api.delete(reference, by)
  run()
  t.equal(api.find(reference), undefined, 'also if the subject is gone')
})

t.test('a controller that lags, and one that fails', async t => {
  const { api, controller, events, run } = makeCluster()
  controller.be('lagging')
  api.create(deployment, by)
  api.create(sinkBinding({ uri: 'http://sink.example' }), by)
  t.equal(run(), undefined)
  controller.be('failing', reference)
  t.match(run(), { conditions: [{}, {}, { type: 'Ready', status: 'False', reason: 'BindingFailed' }, { type: 'SinkBindingAvailable', status: 'False' }, { type: 'SinkProvided', status: 'True' }] })
  t.match(events, [{ reason: 'InternalError', message: /^failed binding subject d: / }])
  controller.be('working', reference)
  t.match(run(), { observedGeneration: 1, conditions: [{}, {}, { status: 'True' }] })
})
