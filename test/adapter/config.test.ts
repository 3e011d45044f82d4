import t from 'tap'
import { readConfig as read } from '../../src/adapter/config.js'
import { makeCertificates } from '../certificates.js'

const K_SINK = 'http://sink.example/'

/** Reads the configuration of an adapter with one own setting. */
const readConfig = (env: NodeJS.ProcessEnv) => read(env, 'widget', read => ({
  size: read('SIZE', '1', text => Number(text) || undefined, 'a number', 'Its size.')
}))

t.test('defaults', async t => {
  t.same(readConfig({ K_SINK }), {
    config: {
      sink: new URL(K_SINK),
      settings: { size: 1 },
      extensions: {},
      caCerts: [],
      sinkTimeout: 10_000,
      namespace: '',
      source: undefined,
      proxy: undefined,
      pod: '',
      component: 'widget',
      observability: { metrics: { protocol: 'prometheus', port: 9090 }, tracing: { protocol: 'none' }, profiling: false, problems: [] },
      profilingPort: 8008,
      logLevel: 'info',
      warnings: []
    }
  })
})

t.test('every variable', async t => {
  const { ca, server } = makeCertificates(t)
  t.same(readConfig({
    K_SINK: 'https://sink.example:8443/path?query',
    K_CA_CERTS: `${ca.cert}\n${server.cert}`,
    K_CE_OVERRIDES: '{"extensions":{"team":"checkout"}}',
    K_SINK_TIMEOUT: '3',
    K_LOGGING_CONFIG: '{"zap-logger-config":"{\\"level\\":\\"error\\"}","loglevel.mine":"debug","loglevel.widget":"warn"}',
    K_COMPONENT: 'mine',
    SIZE: '90',
    NAMESPACE: 'demo',
    EVENT_SOURCE: 'demo/heartbeat',
    NAME: 'pod-1',
    METRICS_PORT: '1234',
    PROFILING_PORT: '0',
    K_OBSERVABILITY_CONFIG: '{"metrics":{"protocol":"prometheus"},"tracing":{"protocol":"stdout"},"runtime":{"profiling":"enabled"}}',
    HTTPS_PROXY: 'proxy.example:3128',
    NO_PROXY: '.svc',
    UNKNOWN: 'is not looked at'
  }), {
    config: {
      sink: new URL('https://sink.example:8443/path?query'),
      settings: { size: 90 },
      extensions: { team: 'checkout' },
      caCerts: [ca.cert.trim(), server.cert.trim()],
      sinkTimeout: 3_000,
      namespace: 'demo',
      source: 'demo/heartbeat',
      proxy: new URL('http://proxy.example:3128'),
      pod: 'pod-1',
      component: 'mine',
      observability: { metrics: { protocol: 'prometheus', port: 1234 }, tracing: { protocol: 'stdout' }, profiling: true, problems: [] },
      profilingPort: 0,
      logLevel: 'debug',
      warnings: []
    }
  })
})

t.test('empty values count as unset', async t => {
  const empty = { K_CA_CERTS: '', K_CE_OVERRIDES: '', K_SINK_TIMEOUT: '', K_LOGGING_CONFIG: '', K_COMPONENT: '', SIZE: '', NAMESPACE: '', EVENT_SOURCE: '', METRICS_PORT: '', PROFILING_PORT: '', K_OBSERVABILITY_CONFIG: '', NAME: '', HTTP_PROXY: '', NO_PROXY: '', OTEL_SERVICE_NAME: '' }
  t.same(readConfig({ K_SINK, ...empty }), readConfig({ K_SINK }))
})

t.test('METRICS_PORT if Prometheus is not served', async t => {
  t.match(readConfig({ K_SINK, METRICS_PORT: '1234', K_OBSERVABILITY_CONFIG: '{"metrics":{"protocol":"none"}}' }), { config: { observability: { metrics: { protocol: 'none' } } } })
})

t.test('the identity of the adapter for its telemetry', async t => {
  t.match(readConfig({ K_SINK, HOSTNAME: 'host-1' }), { config: { pod: 'host-1' } })
  t.match(readConfig({ K_SINK, K_COMPONENT: 'mine', OTEL_SERVICE_NAME: 'own' }), { config: { component: 'own' } })
})

t.test('the level of the component widget, if it has no other name', async t => {
  t.match(readConfig({ K_SINK, K_LOGGING_CONFIG: '{"loglevel.widget":"warn"}' }), { config: { logLevel: 'warn' } })
})

t.test('a bad configuration of the log or the telemetry is a warning', async t => {
  t.match(readConfig({ K_SINK, K_OBSERVABILITY_CONFIG: '{' }), { config: { warnings: ['K_OBSERVABILITY_CONFIG: expected a JSON object'] } })
  t.match(readConfig({ K_SINK, K_LOGGING_CONFIG: '{' }), { config: { logLevel: 'info', warnings: ['K_LOGGING_CONFIG must be a JSON object'] } })
})

t.test('mistakes', async t => {
  const missing = 'K_SINK is missing: the SinkBinding has not set it yet, or does not find the sink'
  const timeout = 'K_SINK_TIMEOUT must be a number of seconds from 1 to 2147483'
  const table: Array<[Record<string, string>, string]> = [
    [{ K_SINK: '' }, missing],
    [{ K_SINK: 'sink.example' }, 'K_SINK must be an absolute http or https URL'],
    [{ K_SINK: 'ftp://sink.example' }, 'K_SINK must be an absolute http or https URL'],
    [{ K_SINK: 'http://' }, 'K_SINK must be an absolute http or https URL'],
    [{ K_SINK: 'http://user:s%65cret@sink.example:99999/' }, 'K_SINK must be an absolute http or https URL'],
    [{ K_SINK: 'http://us%er:secret@sink.example/' }, 'K_SINK must be an absolute http or https URL'],
    [{ K_SINK: 'http://user:secr%ffet@sink.example/' }, 'K_SINK must be an absolute http or https URL'],
    [{ SIZE: 'x' }, 'SIZE must be a number, got "x"'],
    [{ K_SINK_TIMEOUT: '0' }, `${timeout}, got "0"`],
    [{ K_SINK_TIMEOUT: '1.5' }, `${timeout}, got "1.5"`],
    [{ K_SINK_TIMEOUT: '2147484' }, `${timeout}, got "2147484"`],
    [{ METRICS_PORT: '65536' }, 'METRICS_PORT must be a port from 0 to 65535, got "65536"'],
    [{ METRICS_PORT: 'http' }, 'METRICS_PORT must be a port from 0 to 65535, got "http"'],
    [{ PROFILING_PORT: '-1' }, 'PROFILING_PORT must be a port from 0 to 65535, got "-1"'],
    [{ HTTP_PROXY: 'socks5://user:secret@proxy' }, 'HTTP_PROXY must be an http or https URL'],
    [{ K_CA_CERTS: 'certificate' }, 'K_CA_CERTS must be certificates in PEM format'],
    [{ K_CE_OVERRIDES: '{' }, 'K_CE_OVERRIDES: must be a JSON object, got "{"'],
    [{ K_CE_OVERRIDES: '{"extensions":{"A":"a"}}' }, 'K_CE_OVERRIDES: extensions["A"]: expected a name of lower-case letters and digits (256 at most)']
  ]
  for (const [env, mistake] of table) t.same(readConfig({ K_SINK, ...env }), { mistakes: [mistake] }, JSON.stringify(env))
  t.same(readConfig({ SIZE: 'x', METRICS_PORT: 'y' }).mistakes?.length, 3, 'all at once')
})
