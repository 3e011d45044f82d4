import t from 'tap'
import { observabilityEnvVars } from '../../src/knative/observability-env-vars.js'
import { readObservabilityConfig } from '../../src/knative/observability-config.js'

const read = (config: unknown) => readObservabilityConfig(JSON.stringify(config))
const unset = { metrics: { protocol: 'prometheus', port: 9090 }, tracing: { protocol: 'none' }, profiling: false, problems: [] }

t.test('nothing configured', async t => {
  for (const text of ['', '{}', '{"metrics":null}'].slice(0, 2)) t.same(readObservabilityConfig(text), unset)
})

t.test('metrics', async t => {
  const metrics = (config: unknown) => read({ metrics: config }).metrics
  t.same(metrics({}), { protocol: 'none' })
  t.same(metrics({ protocol: 'none' }), { protocol: 'none' })
  t.same(metrics({ protocol: 'prometheus' }), { protocol: 'prometheus', port: 9092 })
  t.same(metrics({ protocol: 'prometheus', endpoint: ':1234' }), { protocol: 'prometheus', port: 1234 })
  t.same(metrics({ protocol: 'prometheus', endpoint: '127.0.0.1:1234' }), { protocol: 'prometheus', host: '127.0.0.1', port: 1234 })
  t.same(metrics({ protocol: 'prometheus', endpoint: '[::1]:1234' }), { protocol: 'prometheus', host: '::1', port: 1234 })
  t.same(metrics({ protocol: 'http/protobuf', endpoint: 'http://a:4318' }), { protocol: 'http/protobuf', endpoint: 'http://a:4318/v1/metrics', exportInterval: 60_000 })
  t.same(metrics({ protocol: 'http/protobuf', endpoint: 'http://a/own', exportInterval: 5e9 }), { protocol: 'http/protobuf', endpoint: 'http://a/own', exportInterval: 5_000 })
  t.match(metrics({ protocol: 'http/protobuf', endpoint: 'http://a/own', exportInterval: 'x' }), { exportInterval: 60_000 })
  t.same(metrics({ protocol: 'grpc', endpoint: 'a.b:4317', exportInterval: 1e30 }), { protocol: 'grpc', endpoint: 'https://a.b:4317/', exportInterval: 2 ** 31 - 1 })
})

t.test('tracing', async t => {
  const tracing = (config: unknown) => read({ tracing: config }).tracing
  t.same(tracing({}), { protocol: 'none' })
  t.same(tracing({ protocol: 'stdout' }), { protocol: 'stdout' })
  t.same(tracing({ protocol: 'http/protobuf', endpoint: 'http://a' }), { protocol: 'http/protobuf', endpoint: 'http://a/v1/traces', samplingRate: 0 })
  t.same(tracing({ protocol: 'grpc', endpoint: 'http://a:1', samplingRate: 0.5 }), { protocol: 'grpc', endpoint: 'http://a:1/', samplingRate: 0.5 })
  t.match([-1, 2, 'x'].map(samplingRate => tracing({ protocol: 'grpc', endpoint: 'http://a:1', samplingRate })), [{ samplingRate: 0 }, { samplingRate: 1 }, { samplingRate: 0 }])
})

t.test('profiling', async t => {
  t.equal(read({ runtime: { profiling: 'enabled' } }).profiling, true)
  t.equal(read({ runtime: { profiling: 'disabled' } }).profiling, false)
})

t.test('invalid values count as not configured, and are reported', async t => {
  for (const text of ['{', '[]', '1', 'null']) t.same(readObservabilityConfig(text), { ...unset, problems: [{ path: '', message: 'expected a JSON object' }] }, text)
  const table: Array<[config: object, mistake: string]> = [
    [{ metrics: { protocol: 'opencensus' } }, 'metrics.protocol: expected none, prometheus, http/protobuf or grpc, got "opencensus"'],
    [{ metrics: { protocol: 1 } }, 'metrics.protocol: expected none, prometheus, http/protobuf or grpc, got 1'],
    [{ metrics: { protocol: 'prometheus', endpoint: '9092' } }, 'metrics.endpoint: expected an address to listen on such as :9092, got "9092"'],
    [{ metrics: { protocol: 'prometheus', endpoint: ':99999' } }, 'metrics.endpoint: expected an address to listen on such as :9092, got ":99999"'],
    [{ metrics: { protocol: 'grpc' } }, 'metrics.endpoint: expected an http or https URL, got undefined'],
    [{ metrics: { protocol: 'http/protobuf', endpoint: 'ftp://a' } }, 'metrics.endpoint: expected an http or https URL, got "ftp://a"'],
    [{ metrics: [], tracing: { protocol: 'zipkin' } }, 'tracing.protocol: expected none, http/protobuf, grpc or stdout, got "zipkin"'],
    [{ tracing: { protocol: 'grpc', endpoint: '//a' } }, 'tracing.endpoint: expected an http or https URL, got "//a"']
  ]
  for (const [config, mistake] of table) t.same(read(config).problems.map(({ path, message }) => `${path}: ${message}`), [mistake])
  for (const config of [{ metrics: 1, tracing: 'x', runtime: [] }, { metrics: null, tracing: null }]) t.same(read(config).problems, [], 'not of the type that it should be')
})

t.test('the adapter reads what the hook writes from a ConfigMap', async t => {
  const { env } = observabilityEnvVars({
    'metrics-protocol': 'grpc',
    'metrics-endpoint': 'http://collector:4317',
    'metrics-export-interval': '15s',
    'tracing-protocol': 'http/protobuf',
    'tracing-endpoint': 'http://collector:4318/v1/traces',
    'tracing-sampling-rate': '0.25',
    'runtime-profiling': 'enabled'
  }, { domain: 'a', component: 'b' })
  t.same(readObservabilityConfig(env[0]?.value ?? ''), {
    metrics: { protocol: 'grpc', endpoint: 'http://collector:4317/', exportInterval: 15_000 },
    tracing: { protocol: 'http/protobuf', endpoint: 'http://collector:4318/v1/traces', samplingRate: 0.25 },
    profiling: true,
    problems: []
  })
})
