import t from 'tap'
import { readConfigData } from '../../src/knative/config-map.js'
import { observabilityEnvVars } from '../../src/knative/observability-env-vars.js'

const identity = { domain: 'knative.dev/eventing', component: 'widget-source' }
const read = (data: Record<string, string>) => observabilityEnvVars(readConfigData({ data }), identity)
const problemsOf = (data: Record<string, string>) => read(data).problems.map(({ path, message }) => `${path}: ${message}`)

/** The output of Go's `json.Marshal` for the configuration that Knative reads from these data. */
const byGo: Array<[Record<string, string>, string]> = [
  [
    { other: 'x' },
    '{"tracing":{"protocol":"none"},"metrics":{"protocol":"none"},"runtime":{"profiling":"disabled","exportInterval":15000000000},"enableSinkEventErrorReporting":false}'
  ],
  [
    {
      'tracing-protocol': 'grpc',
      'tracing-endpoint': ' https://example.com\n',
      'tracing-sampling-rate': '1',
      'runtime-profiling': 'enabled',
      'runtime-export-interval': '15s',
      'metrics-protocol': 'http/protobuf',
      'metrics-endpoint': 'https://example.com',
      'metrics-export-interval': '10s',
      'sink-event-error-reporting.enable': 'T'
    },
    '{"tracing":{"protocol":"grpc","endpoint":"https://example.com","samplingRate":1},"metrics":{"protocol":"http/protobuf","endpoint":"https://example.com","exportInterval":10000000000},' +
      '"runtime":{"profiling":"enabled","exportInterval":15000000000},"enableSinkEventErrorReporting":true}'
  ],
  [
    { 'metrics-protocol': 'prometheus', 'tracing-protocol': 'stdout', 'tracing-sampling-rate': '1e-7', 'runtime-export-interval': '0' },
    '{"tracing":{"protocol":"stdout","samplingRate":1e-7},"metrics":{"protocol":"prometheus","endpoint":":9092"},"runtime":{"profiling":"disabled"},"enableSinkEventErrorReporting":false}'
  ],
  [
    { 'metrics-protocol': 'prometheus', 'metrics-endpoint': ':8000', 'metrics-export-interval': '2501h', 'sink-event-error-reporting.enable': '0' },
    '{"tracing":{"protocol":"none"},"metrics":{"protocol":"prometheus","endpoint":":8000","exportInterval":9003600000000000},"runtime":{"profiling":"disabled","exportInterval":15000000000},"enableSinkEventErrorReporting":false}'
  ]
]

t.test('K_OBSERVABILITY_CONFIG is the same as from Go', async t => {
  for (const [data, json] of byGo) {
    t.same(read(data).problems, [])
    t.equal(read(data).env[0]?.value, json)
  }
})

t.test('the older K_METRICS_CONFIG and K_TRACING_CONFIG', async t => {
  const data = { _example: 'x', debug: 'true', backend: 'zipkin', 'zipkin-endpoint': 'http://zipkin', 'sample-rate': '0.5', 'metrics.backend-destination': 'prometheus' }
  t.same(read(data).env.slice(1), [
    {
      name: 'K_METRICS_CONFIG',
      value: '{"Domain":"knative.dev/eventing","Component":"widget-source","ConfigMap":{"backend":"zipkin","debug":"true","metrics.backend-destination":"prometheus","sample-rate":"0.5","zipkin-endpoint":"http://zipkin"}}'
    },
    { name: 'K_TRACING_CONFIG', value: '{"backend":"zipkin","debug":"true","sample-rate":"0.5","zipkin-endpoint":"http://zipkin"}' }
  ])
  t.equal(read({ other: 'x' }).env[2]?.value, '{"backend":"none","debug":"false","sample-rate":"0.1"}', 'what Go sends by default')
  t.same(read(Object.fromEntries(Object.entries(data).reverse())), read(data), 'whatever the order of the keys')
})

t.test('without data all are empty', async t => {
  t.same(read({ _example: 'tracing-protocol: x' }), { env: ['K_OBSERVABILITY_CONFIG', 'K_METRICS_CONFIG', 'K_TRACING_CONFIG'].map(name => ({ name, value: '' })), problems: [] })
})

t.test('malformed values are reported', async t => {
  const table: Array<[Record<string, string>, string[]]> = [
    [{ 'tracing-protocol': 'smoke' }, ['data["tracing-protocol"]: expected one of none, http/protobuf, grpc, stdout, got "smoke"']],
    [{ 'metrics-protocol': '' }, ['data["metrics-protocol"]: expected one of none, http/protobuf, grpc, prometheus, got ""']],
    [{ 'tracing-protocol': 'grpc' }, ['data["tracing-endpoint"]: required with tracing-protocol grpc']],
    [{ 'metrics-protocol': 'http/protobuf' }, ['data["metrics-endpoint"]: required with metrics-protocol http/protobuf']],
    [{ 'metrics-protocol': 'grpc', 'metrics-endpoint': 'ftp://a' }, ['data["metrics-endpoint"]: expected an http or https URL, got "ftp://a"']],
    [{ 'metrics-protocol': 'prometheus', 'metrics-endpoint': '9092' }, ['data["metrics-endpoint"]: expected an address to listen on such as :9092, got "9092"']],
    [{ 'metrics-endpoint': 'http://a' }, ['data["metrics-endpoint"]: expected none with metrics-protocol none']],
    [{ 'tracing-protocol': 'stdout', 'tracing-endpoint': 'http://a' }, ['data["tracing-endpoint"]: expected none with tracing-protocol stdout']],
    [{ 'metrics-export-interval': '60' }, ['data["metrics-export-interval"]: expected a Go duration such as 30s, from 0s to 2501h, got "60"']],
    [{ 'metrics-export-interval': '2502h' }, ['data["metrics-export-interval"]: expected a Go duration such as 30s, from 0s to 2501h, got "2502h"']],
    [{ 'runtime-export-interval': '-1s' }, ['data["runtime-export-interval"]: expected a Go duration such as 30s, from 0s to 2501h, got "-1s"']],
    [{ 'runtime-profiling': 'true' }, ['data["runtime-profiling"]: expected one of disabled, enabled, got "true"']],
    [{ 'sink-event-error-reporting.enable': 'yes' }, ['data["sink-event-error-reporting.enable"]: expected true or false, got "yes"']],
    [{ backend: 'zipkin' }, ['data["zipkin-endpoint"]: required with backend zipkin']],
    [{ 'metrics-endpoint-of-old': 'x'.repeat(17_000) }, ['data, as K_METRICS_CONFIG: expected at most 16384 bytes, got 17104']]
  ]
  for (const [data, problems] of table) t.same(problemsOf(data), problems)
  for (const rate of ['', 'x', '1.1', '-0.1', 'NaN', 'Inf', '0x1p-2', '1_0', ' 1']) {
    t.same(problemsOf({ 'tracing-sampling-rate': rate }), [`data["tracing-sampling-rate"]: expected a number from 0 to 1, got ${JSON.stringify(rate)}`])
  }
  for (const rate of ['0', '-0', '+1', '.5', '1.', '5e-1']) t.same(problemsOf({ 'tracing-sampling-rate': rate }), [])
})
