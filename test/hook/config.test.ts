import t from 'tap'
import { readConfig } from '../../src/hook/config.js'

t.test('defaults', async t => {
  t.same(readConfig({ RECEIVE_ADAPTER_IMAGE: 'image:1' }), {
    config: {
      port: 8080,
      host: '',
      opsPort: 9090,
      logLevel: 'info',
      bodyLimitBytes: 16 * 1024 * 1024,
      maxRequestsPerConnection: 100,
      limits: {
        maxConcurrentRequests: 250,
        maxConcurrentBytes: 16 * 1024 * 1024,
        maxEventLoopDelayMs: 2000,
        maxMemoryBytes: 0
      },
      shutdownDelayMs: 5000,
      tls: undefined,
      authTokenFile: undefined,
      settings: { receiveAdapterImage: 'image:1', receiveAdapterArgs: [], receiveAdapterResources: {}, system: undefined }
    }
  })
})

t.test('every variable', async t => {
  t.same(readConfig({
    PORT: '1',
    HOST: '::1',
    OPS_PORT: '2',
    LOG_LEVEL: 'debug',
    RECEIVE_ADAPTER_IMAGE: 'image:2',
    RECEIVE_ADAPTER_ARGS: '["a", "b"]',
    RECEIVE_ADAPTER_RESOURCES: '{"requests":{"cpu":"10m"},"limits":{"memory":"1Gi"}}',
    BODY_LIMIT_BYTES: '2048',
    TLS_CERT_FILE: 'cert',
    TLS_KEY_FILE: 'key',
    TLS_CLIENT_CA_FILE: 'ca',
    AUTH_TOKEN_FILE: 'token',
    MAX_REQUESTS_PER_CONNECTION: '3',
    MAX_CONCURRENT_REQUESTS: '4',
    MAX_CONCURRENT_BYTES: '5000',
    MAX_EVENT_LOOP_DELAY_MS: '6',
    MAX_MEMORY_BYTES: '7',
    SHUTDOWN_DELAY_MS: '8',
    SYSTEM_NAMESPACE: 'system',
    CONFIG_LOGGING_NAME: 'logging',
    CONFIG_OBSERVABILITY_NAME: 'observability',
    HOOK_DEPLOYMENT_NAME: 'hook',
    UNKNOWN: 'is not looked at'
  }), {
    config: {
      port: 1,
      host: '::1',
      opsPort: 2,
      logLevel: 'debug',
      bodyLimitBytes: 2048,
      maxRequestsPerConnection: 3,
      limits: {
        maxConcurrentRequests: 4,
        maxConcurrentBytes: 5000,
        maxEventLoopDelayMs: 6,
        maxMemoryBytes: 7
      },
      shutdownDelayMs: 8,
      tls: { certFile: 'cert', keyFile: 'key', clientCaFile: 'ca' },
      authTokenFile: 'token',
      settings: {
        receiveAdapterImage: 'image:2',
        receiveAdapterArgs: ['a', 'b'],
        receiveAdapterResources: { requests: { cpu: '10m' }, limits: { memory: '1Gi' } },
        system: { namespace: 'system', loggingConfigMap: 'logging', observabilityConfigMap: 'observability', hookDeployment: 'hook' }
      }
    }
  })
})

t.test('mistakes', async t => {
  const table: Array<[Record<string, string>, string]> = [
    [{ RECEIVE_ADAPTER_IMAGE: '' }, 'RECEIVE_ADAPTER_IMAGE: required'],
    [{ SYSTEM_NAMESPACE: 'a.b' }, 'SYSTEM_NAMESPACE: expected string to match \'^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?$\', got "a.b"'],
    [{ PORT: '8080x' }, 'PORT: expected integer, got "8080x"'],
    [{ PORT: '1e3' }, 'PORT: expected integer, got "1e3"'],
    [{ PORT: '0x10' }, 'PORT: expected integer, got "0x10"'],
    [{ PORT: ' 80' }, 'PORT: expected integer, got " 80"'],
    [{ PORT: '80.5' }, 'PORT: expected integer, got "80.5"'],
    [{ MAX_MEMORY_BYTES: '9'.repeat(400) }, 'MAX_MEMORY_BYTES: expected integer, got Infinity'],
    [{ OPS_PORT: '65536' }, 'OPS_PORT: expected integer to be less or equal to 65535, got 65536'],
    [{ PORT: '-1' }, 'PORT: expected integer to be greater or equal to 0, got -1'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL: expected string to match \'^(trace|debug|info|warn|error|fatal|silent)$\', got "loud"'],
    [{ BODY_LIMIT_BYTES: '16MiB' }, 'BODY_LIMIT_BYTES: expected integer, got "16MiB"'],
    [{ TLS_CERT_FILE: 'cert' }, 'TLS_KEY_FILE: required with TLS_CERT_FILE'],
    [{ TLS_KEY_FILE: 'key' }, 'TLS_CERT_FILE: required with TLS_KEY_FILE'],
    [{ TLS_CLIENT_CA_FILE: 'ca' }, 'TLS_CERT_FILE, TLS_KEY_FILE: required with TLS_CLIENT_CA_FILE'],
    [{ MAX_REQUESTS_PER_CONNECTION: '0' }, 'MAX_REQUESTS_PER_CONNECTION: expected integer to be greater or equal to 1, got 0'],
    [{ SHUTDOWN_DELAY_MS: '5s' }, 'SHUTDOWN_DELAY_MS: expected integer, got "5s"'],
    [{ RECEIVE_ADAPTER_ARGS: 'a b' }, 'RECEIVE_ADAPTER_ARGS: expected a JSON array of strings, got "a b"'],
    [{ RECEIVE_ADAPTER_ARGS: '[1]' }, 'RECEIVE_ADAPTER_ARGS: expected a JSON array of strings, got "[1]"'],
    ...['[]', 'x', '{'].map((text): [Record<string, string>, string] =>
      [{ RECEIVE_ADAPTER_RESOURCES: text }, `RECEIVE_ADAPTER_RESOURCES: expected a JSON object such as {"requests":{"memory":"64Mi"}}, got ${JSON.stringify(text)}`]),
    [{ RECEIVE_ADAPTER_RESOURCES: '{"request":{}}' }, 'RECEIVE_ADAPTER_RESOURCES.request: unexpected property, got an object'],
    [{ RECEIVE_ADAPTER_RESOURCES: '{"limits":{"gpu":1}}' }, 'RECEIVE_ADAPTER_RESOURCES.limits.gpu: unexpected property, got 1'],
    [{ RECEIVE_ADAPTER_RESOURCES: '{"limits":{"cpu":"much"}}' }, 'RECEIVE_ADAPTER_RESOURCES.limits.cpu: expected a Kubernetes quantity such as 100m or 64Mi, from 0 to 9223372036854775807, got "much"'],
    [{ RECEIVE_ADAPTER_RESOURCES: '{"requests":{"cpu":2},"limits":{"cpu":1}}' }, 'RECEIVE_ADAPTER_RESOURCES.requests.cpu: expected at most the limit of 1, got 2']
  ]
  for (const [env, mistake] of table) {
    t.same(readConfig({ RECEIVE_ADAPTER_IMAGE: 'image:1', ...env }), { mistakes: [mistake] })
  }
  t.same(readConfig({ RECEIVE_ADAPTER_IMAGE: 'image:1', TLS_CERT_FILE: 'cert', TLS_KEY_FILE: 'key' }).config?.tls,
    { certFile: 'cert', keyFile: 'key', clientCaFile: undefined })
  t.same(readConfig({}), { mistakes: ['RECEIVE_ADAPTER_IMAGE: required'] })
})

t.test('an empty variable counts as unset', async t => {
  const variables = ['PORT', 'HOST', 'OPS_PORT', 'LOG_LEVEL', 'BODY_LIMIT_BYTES', 'TLS_CERT_FILE', 'MAX_MEMORY_BYTES', 'SHUTDOWN_DELAY_MS', 'RECEIVE_ADAPTER_ARGS', 'RECEIVE_ADAPTER_RESOURCES', 'SYSTEM_NAMESPACE', 'CONFIG_LOGGING_NAME']
  const empty = Object.fromEntries(variables.map(name => [name, '']))
  t.strictSame(readConfig({ ...empty, RECEIVE_ADAPTER_IMAGE: 'image:1' }), readConfig({ RECEIVE_ADAPTER_IMAGE: 'image:1' }))
})

t.test('the names in the system namespace have defaults', async t => {
  t.same(readConfig({ RECEIVE_ADAPTER_IMAGE: 'image:1', SYSTEM_NAMESPACE: 'system', HOOK_DEPLOYMENT_NAME: '' }).config?.settings.system, {
    namespace: 'system',
    loggingConfigMap: 'config-logging',
    observabilityConfigMap: 'config-observability',
    hookDeployment: undefined
  })
})
