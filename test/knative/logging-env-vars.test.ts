import t from 'tap'
import { readConfigData } from '../../src/knative/config-map.js'
import { loggingEnvVars } from '../../src/knative/logging-env-vars.js'
import { readLoggingConfig } from '../../src/knative/logging-config.js'

const valuesOf = (data: Record<string, string>) => loggingEnvVars(readConfigData({ data })).env.map(({ value }) => value)
const problemsOf = (data: Record<string, string>) => loggingEnvVars(readConfigData({ data })).problems.map(({ path, message }) => `${path}: ${message}`)

t.test('in the format that adapters parse', async t => {
  const data = {
    _example: 'zap-logger-config: {}',
    'zap-logger-config': '{"level": "warn"}\n',
    'loglevel.webhook': '',
    'loglevel.widget-source': 'debug',
    'klog-verbosity': '5',
    other: 'x'
  }
  t.same(loggingEnvVars(readConfigData({ data })), {
    env: [
      { name: 'K_LOGGING_CONFIG', value: '{"loglevel.widget-source":"debug","zap-logger-config":"{\\"level\\": \\"warn\\"}\\n"}' },
      { name: 'K_KLOG_VERBOSITY', value: '5' }
    ],
    problems: []
  })
  const [logging] = valuesOf(data)
  t.same(readLoggingConfig(logging as string, 'widget-source'), { level: 'debug', mistakes: [] })
  t.same(readLoggingConfig(logging as string, 'other'), { level: 'warn', mistakes: [] })
  t.same(valuesOf(Object.fromEntries(Object.entries(data).reverse())), valuesOf(data), 'whatever the order of the keys')
})

t.test('unset values are empty', async t => {
  for (const data of [{}, { _example: 'x' }, { other: 'x' }, { 'loglevel.': 'info' }, { 'zap-logger-config': '', 'klog-verbosity': '' }]) {
    t.same(valuesOf(data as Record<string, string>), ['', ''])
    t.same(problemsOf(data as Record<string, string>), [])
  }
  for (const odd of [undefined, null, 7, {}, { data: null }, { data: [] }, { data: { 'klog-verbosity': 7 } }]) t.same(readConfigData(odd), {})
})

t.test('malformed values are reported', async t => {
  const zap = 'zap-logger-config'
  const table: Array<[Record<string, string>, string[]]> = [
    [{ [zap]: '{' }, ['data["zap-logger-config"]: expected a JSON object, got "{"']],
    [{ [zap]: '[]' }, ['data["zap-logger-config"]: expected object, got an array']],
    [{ [zap]: '{"level": "loud"}' }, ['data["zap-logger-config"].level: expected debug, info, warn, error, dpanic, panic or fatal, got "loud"']],
    [{ [zap]: '{"level": 1, "development": "no"}' }, ['data["zap-logger-config"].level: expected string, got 1', 'data["zap-logger-config"].development: expected boolean, got "no"']],
    [{ [zap]: '{"outputPaths": "stdout"}' }, ['data["zap-logger-config"].outputPaths: expected array, got "stdout"']],
    [{ [zap]: `{"outputPaths": [${'1,'.repeat(20)}1]}` }, Array.from({ length: 10 }, (_, index) => `data["zap-logger-config"].outputPaths.${index}: expected string, got 1`)],
    [{ 'loglevel.a': 'loud', 'klog-verbosity': '10' }, ['data["loglevel.a"]: expected debug, info, warn, error, dpanic, panic or fatal, got "loud"', 'data["klog-verbosity"]: expected an integer from 0 to 9, got "10"']],
    [{ 'klog-verbosity': '-1' }, ['data["klog-verbosity"]: expected an integer from 0 to 9, got "-1"']],
    [{ [zap]: JSON.stringify({ initialFields: { a: 'x'.repeat(17_000) } }) }, ['data, as K_LOGGING_CONFIG: expected at most 16384 bytes, got 17056']]
  ]
  for (const [data, problems] of table) t.same(problemsOf(data), problems)
  for (const level of ['', 'DEBUG', 'Info', 'warn', 'error', 'dpanic', 'panic', 'fatal']) t.same(problemsOf({ [zap]: JSON.stringify({ level, sampling: null }), 'loglevel.a': level }), [])
})
