import t from 'tap'
import { escapeReferences, storedEnvVar, textEnvVar } from '../../src/kubernetes/env-vars.js'
import { labels, recommendedLabels } from '../../src/samplesource/labels.js'
import { controllerAgentName, singular } from '../../src/samplesource/names.js'
import { makeReceiveAdapter, receiveAdapterName, type ReceiveAdapter } from '../../src/samplesource/receive-adapter.js'
import { makeSinkBinding, type SinkBinding } from '../../src/samplesource/sink-binding.js'
import { validate } from '../../src/samplesource/validation.js'
import { ownAdapter } from '../../src/source/metrics-port.js'
import { adapterName, makeRequest, requiredSpec, spec } from './source.js'

const args = {
  image: 'adapter:1',
  args: [],
  labels: labels('heartbeat'),
  source: makeRequest().parent,
  spec,
  eventSource: 'demo/heartbeat',
  additionalEnvs: []
}

const envOf = (deployment: ReceiveAdapter) => deployment.spec!.template.spec!.containers[0]!.env!

t.test('the environment of every adapter', async t => {
  const env = envOf(makeReceiveAdapter(args))
  for (const expected of [
    { name: 'EVENT_SOURCE', value: 'demo/heartbeat' },
    { name: 'INTERVAL', value: '10s' },
    { name: 'NAMESPACE', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } } },
    { name: 'NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
    { name: 'METRICS_DOMAIN', value: 'knative.dev/eventing' }
  ]) t.same(env.filter(({ name }) => name === expected.name), [expected])
  t.notOk(env.some(({ name }) => ['K_SINK', 'K_CE_OVERRIDES', 'K_CA_CERTS'].includes(name)), 'the SinkBinding sets them')
  for (const { name, value, valueFrom } of env) t.ok(value ?? valueFrom, `${name}: use textEnvVar`)
})

t.test('the Deployment', async t => {
  const deployment = makeReceiveAdapter(args)
  t.same(deployment, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: adapterName,
      namespace: 'demo',
      labels: {
        'app.kubernetes.io/name': `${singular}-adapter`,
        'app.kubernetes.io/component': 'receive-adapter',
        'app.kubernetes.io/part-of': singular,
        'app.kubernetes.io/managed-by': controllerAgentName,
        'knative-eventing-source': controllerAgentName,
        'knative-eventing-source-name': 'heartbeat'
      }
    },
    spec: {
      replicas: 1,
      minReadySeconds: 5,
      selector: { matchLabels: labels('heartbeat') },
      template: {
        metadata: { labels: { ...recommendedLabels, ...labels('heartbeat') } },
        spec: {
          enableServiceLinks: false,
          serviceAccountName: 'default',
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [{
            name: 'receive-adapter',
            image: 'adapter:1',
            env: envOf(deployment),
            securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } }
          }]
        }
      }
    }
  })
})

t.test('every text of a valid spec reaches the container unchanged', async t => {
  for (const [field, value] of Object.entries(spec)) {
    const { spec: valid } = validate({ ...spec, [field]: `${value}$(NAME)` })
    if (valid === undefined) continue
    for (const { name, value = '' } of envOf(makeReceiveAdapter({ ...args, spec: valid }))) t.notMatch(value, /(^|[^$])(\$\$)*\$\(/, `${name}, of ${field}: use textEnvVar`)
  }
})

t.test('given values are in the form in which the API server stores them', async t => {
  const [container] = makeReceiveAdapter({
    ...args,
    args: ['--flag'],
    additionalEnvs: [...textEnvVar('A', 'a'), storedEnvVar('EMPTY', undefined)],
    spec: {
      ...spec,
      interval: '1m',
      resources: { requests: { cpu: '1000m', memory: '1024Mi' }, limits: { cpu: 2, 'ephemeral-storage': '1.5Gi' } }
    }
  }).spec!.template.spec!.containers
  t.match(container, {
    args: ['--flag'],
    resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '2', 'ephemeral-storage': '1536Mi' } }
  })
  t.same(container!.env!.slice(-2), [{ name: 'A', value: 'a' }, { name: 'EMPTY' }])
  t.match(container!.env!.find(({ name }) => name === 'INTERVAL'), { value: '1m' })
})

t.test('a source overrides the operator\'s resources of the adapter', async t => {
  const resourcesOf = (resources: object | undefined) =>
    makeReceiveAdapter({ ...args, resources: { requests: { cpu: '10m', memory: '0.0625Gi' } }, spec: { ...spec, ...(resources !== undefined && { resources }) } }).spec!.template.spec!.containers[0]!.resources
  t.same(resourcesOf(undefined), { requests: { cpu: '10m', memory: '64Mi' } })
  t.same(resourcesOf({ requests: { memory: '1Gi' } }), { requests: { cpu: '10m', memory: '1Gi' } })
  t.same(resourcesOf({ limits: { memory: '32Mi' } }), { requests: { cpu: '10m' }, limits: { memory: '32Mi' } }, 'no request above the limit')
})

t.test('empty values are left out', async t => {
  for (const resources of [{}, { requests: {} }, { requests: {}, limits: {} }]) {
    const deployment = makeReceiveAdapter({ ...args, spec: { ...requiredSpec, serviceAccountName: '', interval: '', resources } })
    t.same(deployment, makeReceiveAdapter(args))
  }
})

t.test('a name of 253 characters makes valid names and label values', async t => {
  const name = `${'a'.repeat(126)}.${'b'.repeat(126)}`
  const childName = receiveAdapterName(makeRequest({ metadata: { name } }).parent)
  t.match(childName, /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
  t.ok(childName.length <= 63)
  for (const value of Object.values({ ...recommendedLabels, ...labels(name) })) t.match(value, /^[a-z0-9]([-a-z0-9_.]{0,61}[a-z0-9])?$/)
  t.not(labels(name)['knative-eventing-source-name'], labels(`${name}c`)['knative-eventing-source-name'])
  t.equal(labels('a'.repeat(63))['knative-eventing-source-name'], 'a'.repeat(63))
})

t.test('two sources of the same name have children of different names', async t => {
  t.not(receiveAdapterName(makeRequest().parent), receiveAdapterName(makeRequest({ metadata: { uid: 'other' } }).parent))
})

t.test('the SinkBinding', async t => {
  const deployment = makeReceiveAdapter(args)
  const subject = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'demo', name: adapterName }
  t.same(makeSinkBinding(spec, deployment), {
    apiVersion: 'sources.knative.dev/v1',
    kind: 'SinkBinding',
    metadata: { name: adapterName, namespace: 'demo', labels: { ...recommendedLabels, ...labels('heartbeat') } },
    spec: { sink: { ref: { ...spec.sink.ref, namespace: 'demo' } }, subject }
  })
  const ref = { ...spec.sink.ref, namespace: 'other', group: 'pruned' }
  t.same(makeSinkBinding({
    ...spec,
    sink: { ref, uri: '/path', CACerts: 'PEM', audience: 'a' },
    ceOverrides: { extensions: { team: 'a' } }
  }, deployment).spec, {
    sink: { ref: { ...spec.sink.ref, namespace: 'other' }, uri: '/path', CACerts: 'PEM', audience: 'a' },
    ceOverrides: { extensions: { team: 'a' } },
    subject
  })
  const injected: SinkBinding['spec'] = makeSinkBinding({ ...spec, sink: { uri: 'http://x/$(NAME)', CACerts: '$5' }, ceOverrides: { extensions: { team: '$(NAME)' } } }, deployment).spec
  t.match(injected, { sink: { uri: 'http://x/$$(NAME)', CACerts: '$$5' }, ceOverrides: { extensions: { team: '$$(NAME)' } } }, 'Knative makes env vars of these')
  // Does not compile if a text without escapes is allowed there.
  const isSink: { uri: string } extends SinkBinding['spec']['sink'] ? true : false = false
  t.notOk(isSink)
  injected.sink = { uri: escapeReferences('http://x') }
  for (const ceOverrides of [{}, { extensions: {} }]) {
    t.notHas(makeSinkBinding({ ...spec, ceOverrides }, deployment).spec, { ceOverrides: {} })
  }
})

t.test('the metrics port has a name if Prometheus scrapes our own adapter', async t => {
  const portsOf = (args: string[], config?: object) => {
    const env = config === undefined ? [] : textEnvVar('K_OBSERVABILITY_CONFIG', JSON.stringify(config))
    return makeReceiveAdapter({ image: 'any', args, labels: {}, source: makeRequest().parent, spec, eventSource: 'demo/heartbeat', additionalEnvs: env }).spec.template.spec?.containers[0]?.ports
  }
  const port = (containerPort: number) => [{ name: 'metrics', containerPort, protocol: 'TCP' }]
  t.same(portsOf([ownAdapter]), port(9090))
  t.same(portsOf(['--max-semi-space-size=1', ownAdapter]), port(9090))
  t.same(portsOf([ownAdapter], { metrics: { protocol: 'prometheus', endpoint: ':9092' } }), port(9092))
  t.same(portsOf([ownAdapter], { metrics: { protocol: 'prometheus', endpoint: 'nowhere' } }), port(9090), 'as the adapter itself takes it')
  t.same(portsOf([ownAdapter], { metrics: { protocol: 'prometheus', endpoint: ':0' } }), undefined)
  t.same(portsOf([ownAdapter], { metrics: { protocol: 'none' } }), undefined)
  t.same(portsOf([ownAdapter], { metrics: { protocol: 'grpc', endpoint: 'http://collector:4317' } }), undefined)
  t.same(portsOf(['serve']), undefined, 'nothing is known of an image of somebody else\'s')
  t.same(portsOf([]), undefined)
})
