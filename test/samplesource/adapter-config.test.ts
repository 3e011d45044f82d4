import t from 'tap'
import { systemNamespace } from '../../src/samplesource/names.js'
import { reconcile, type SyncRequest } from '../../src/samplesource/reconcile.js'
import { conditionsOf, configured, deploymentReady, makeRequest, now, settings, sinkBindingReady, withChildren } from './source.js'

const logging = { 'zap-logger-config': '{"level":"info"}', 'klog-verbosity': '2' }
const observability = { 'metrics-protocol': 'prometheus' }
const malformed = { 'klog-verbosity': 'much' }
const names = ['K_LOGGING_CONFIG', 'K_KLOG_VERBOSITY', 'K_OBSERVABILITY_CONFIG', 'K_METRICS_CONFIG', 'K_TRACING_CONFIG']

/** The env vars that the adapter should get from the ConfigMaps. */
function envOf (request: any) {
  const [deployment]: any[] = reconcile(request, settings, now).response.children
  return deployment.spec.template.spec.containers[0].env.filter(({ name }: { name: string }) => name.startsWith('K_'))
}

const configValidOf = (request: any) => reconcile(request, settings, now).response.status.conditions.find(({ type }) => type === 'ConfigValid')

t.test('each ConfigMap gives its env vars, in one order', async t => {
  const both = configured(makeRequest(), { 'config-observability': observability, 'config-logging': logging })
  t.same(envOf(both).map(({ name }: { name: string }) => name), names)
  t.same(envOf(both).slice(0, 2), [{ name: 'K_LOGGING_CONFIG', value: '{"zap-logger-config":"{\\"level\\":\\"info\\"}"}' }, { name: 'K_KLOG_VERBOSITY', value: '2' }])
  t.same(configValidOf(both), { type: 'ConfigValid', status: 'True', severity: 'Info', lastTransitionTime: '2026-01-02T03:04:05Z' })
  t.same(envOf(configured(makeRequest(), { 'config-logging': logging })).length, 2)
  t.same(envOf(configured(makeRequest(), { 'config-observability': observability })).length, 3)
})

t.test('missing or empty ConfigMaps give none, and are not an error', async t => {
  for (const configMaps of [{}, { 'config-logging': {} }, { 'config-logging': { _example: 'x' }, 'config-observability': { _example: 'x' } }]) {
    const request = configured(makeRequest(), configMaps)
    t.same(envOf(request), [])
    t.match(configValidOf(request), { status: 'True' })
  }
  const elsewhere = configured(makeRequest(), { 'config-logging': logging }, 'elsewhere')
  t.same(envOf(elsewhere), [], 'nor does one of another namespace')
})

t.test('without the customize hook, or a namespace, nothing changes', async t => {
  const before = reconcile(makeRequest(), { ...settings, system: undefined }, now)
  for (const related of [undefined, null, {}]) t.same(reconcile({ ...makeRequest(), related }, settings, now), before)
  t.same(reconcile(configured(makeRequest(), { 'config-logging': logging }), { ...settings, system: undefined }, now), before)
})

t.test('with a malformed ConfigMap the last applied values stay, and it is reported', async t => {
  const running = withChildren(configured(makeRequest(), { 'config-logging': logging, 'config-observability': observability }), deploymentReady, sinkBindingReady)
  t.match(conditionsOf(running), { Ready: 'True', ConfigValid: 'True' })

  const broken = configured(running, { 'config-logging': malformed, 'config-observability': observability })
  t.same(envOf(broken), envOf(running))
  t.match(conditionsOf(broken), { Ready: 'True', Deployed: 'True', ConfigValid: 'False InvalidConfig' }, 'Ready does not ask for it')
  t.match(configValidOf(broken), { severity: 'Info', message: `ConfigMap ${systemNamespace}/config-logging: data["klog-verbosity"]: expected an integer from 0 to 9, got "much"` })

  const alsoChanged = configured(running, { 'config-logging': malformed, 'config-observability': { 'metrics-protocol': 'none' } })
  t.same(envOf(alsoChanged).slice(0, 2), envOf(running).slice(0, 2))
  t.not(envOf(alsoChanged)[2].value, envOf(running)[2].value, 'the other ConfigMap is taken up')
  t.same(envOf(configured(running, { 'config-observability': observability })).length, 3, 'one that is gone is not malformed')
})

t.test('a ConfigMap of more than 1 MiB is malformed as a whole, and not parsed', async t => {
  const running = withChildren(configured(makeRequest(), { 'config-logging': logging, 'config-observability': observability }), deploymentReady, sinkBindingReady)
  const keys = (prefix: string, value: unknown) => Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`${prefix}${index}`, value]))
  const tooLarge = [{ ...logging, _example: 'x'.repeat(2 ** 20) }, keys('loglevel.', 'loud'), keys('loglevel.', 1), keys('', '€€')]
  for (const data of tooLarge) {
    const broken = configured(running, { 'config-logging': data, 'config-observability': data })
    t.same(envOf(broken), envOf(running))
    t.equal(configValidOf(broken)?.message, 'ConfigMap knative-samples/config-logging: data: expected at most 1048576 bytes, got more; ' +
      'ConfigMap knative-samples/config-observability: data: expected at most 1048576 bytes, got more')
  }
  t.match(configValidOf(configured(running, { 'config-logging': { _example: 'x'.repeat(2 ** 20 - '_example'.length) } })), { status: 'True' })
  const many = Object.fromEntries(Object.entries(keys('loglevel.', 'loud')).slice(0, 20_000))
  t.match(configValidOf(configured(running, { 'config-logging': many }))?.message, /^ConfigMap knative-samples\/config-logging: data, as K_LOGGING_CONFIG: expected at most 16384 bytes, got \d+$/)
})

t.test('a malformed ConfigMap from the start gives none', async t => {
  t.same(envOf(configured(makeRequest(), { 'config-logging': malformed })), [])
  const running = withChildren(configured(makeRequest(), {}), deploymentReady, sinkBindingReady)
  t.same(envOf(configured(running, { 'config-logging': malformed })), [])
})

t.test('the last applied values also come from managed fields', async t => {
  const running: any = withChildren(configured(makeRequest(), { 'config-logging': logging }), deploymentReady, sinkBindingReady)
  const { metadata } = running.children['Deployment.apps/v1']['demo/a']
  const keyOf = (name: string) => `k:${JSON.stringify({ name })}`
  const env = { [keyOf('K_LOGGING_CONFIG')]: { 'f:name': {}, 'f:value': {} }, [keyOf('K_KLOG_VERBOSITY')]: { 'f:name': {} } }
  delete metadata.annotations
  metadata.managedFields = [{
    operation: 'Apply',
    fieldsV1: { 'f:metadata': { 'f:ownerReferences': {} }, 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { [keyOf('receive-adapter')]: { 'f:name': {}, 'f:env': env } } } } } }
  }]
  t.same(envOf(configured(running, { 'config-logging': malformed })), [
    { name: 'K_LOGGING_CONFIG', value: '{"zap-logger-config":"{\\"level\\":\\"info\\"}"}' },
    { name: 'K_KLOG_VERBOSITY' }
  ], 'a value that a person has set since is theirs')
})

t.test('a dollar sign reaches the adapter', async t => {
  const data = { 'zap-logger-config': '{"encoding":"$(NAME) $$"}' }
  t.equal(envOf(configured(makeRequest(), { 'config-logging': data }))[0].value, '{"zap-logger-config":"{\\"encoding\\":\\"$$(NAME) $$$$\\"}"}')
})

t.test('ConfigMaps of an old customize answer are stale: the last applied values stay, and the source reports it', async t => {
  const all = { 'config-logging': logging, 'config-observability': observability }
  const running = withChildren(configured(makeRequest(), all), deploymentReady, sinkBindingReady)
  const controller = { spec: { hooks: { customize: { version: 'v2' } } } }
  const asked = (request: SyncRequest): SyncRequest => ({ ...request, controller })
  const stale: Array<[name: string, request: SyncRequest]> = [
    ['of another name', configured(running, { 'config-before': malformed, 'config-observability': observability })],
    ['all of other names', configured(running, { a: {}, b: logging })],
    ['of another namespace', configured(running, all, 'elsewhere')],
    ['none, for nothing was asked for', { ...running, related: {} }]
  ]
  for (const [name, request] of stale) {
    t.same(envOf(asked(request)), envOf(running), name)
    t.match(configValidOf(asked(request)), { status: 'Unknown', reason: 'StaleConfig', severity: 'Info', message: /^Metacontroller still sends/ }, name)
    t.match(conditionsOf(asked(request)), { Ready: 'True', Deployed: 'True' }, name)
  }
  const changed = asked(configured(running, { 'config-before': malformed, 'config-observability': { 'metrics-protocol': 'none' } }))
  t.same(envOf(changed).slice(0, 2), envOf(running).slice(0, 2))
  t.not(envOf(changed)[2].value, envOf(running)[2].value, 'one that is asked for is taken up')
  t.match(configValidOf(asked(configured(running, { 'config-before': {}, 'config-logging': malformed }))), { status: 'False', reason: 'InvalidConfig' })

  t.match(configValidOf(asked(configured(running, all))), { status: 'True' })
  t.same(envOf(asked(configured(running, {}))), [], 'one that is not there is not stale')
  t.same(configValidOf({ ...running, related: {}, controller: { spec: { hooks: { customize: { version: 'v1' } } } } }), undefined, 'nothing is asked for')
})
