import t from 'tap'
import { readLoggingConfig } from '../../src/knative/logging-config.js'

const config = (data: unknown) => readLoggingConfig(JSON.stringify(data), 'widget-source')
const zapConfig = (level: unknown) => ({ 'zap-logger-config': JSON.stringify({ level, encoding: 'json' }) })

t.test('the level of the component, or else the level of all, or else info', async t => {
  t.same(config({}), { level: 'info', mistakes: [] })
  t.same(config(zapConfig('error')), { level: 'error', mistakes: [] })
  t.same(config({ ...zapConfig('error'), 'loglevel.widget-source': 'debug' }), { level: 'debug', mistakes: [] })
  t.same(config({ ...zapConfig('error'), 'loglevel.controller': 'debug' }), { level: 'error', mistakes: [] }, 'that of another component')
  t.same(config({ ...zapConfig('error'), 'loglevel.widget-source': '' }), { level: 'error', mistakes: [] }, 'an empty one')
  t.same(config({ 'zap-logger-config': '' }), { level: 'info', mistakes: [] })
})

t.test("zap's levels in pino's words", async t => {
  const table = { debug: 'debug', info: 'info', warn: 'warn', warning: 'warn', error: 'error', dpanic: 'fatal', panic: 'fatal', fatal: 'fatal', DEBUG: 'debug' }
  for (const [zap, pino] of Object.entries(table)) t.same(config(zapConfig(zap)), { level: pino, mistakes: [] }, zap)
})

t.test('mistakes are reported and skipped', async t => {
  t.same(readLoggingConfig('{', 'a'), { level: 'info', mistakes: ['K_LOGGING_CONFIG must be a JSON object'] })
  t.same(readLoggingConfig('[]', 'a'), { level: 'info', mistakes: ['K_LOGGING_CONFIG must be a JSON object'] })
  t.same(config({ 'zap-logger-config': '{', 'loglevel.widget-source': 'debug' }), {
    level: 'debug',
    mistakes: ['zap-logger-config of K_LOGGING_CONFIG must be a JSON object']
  })
  t.same(config({ ...zapConfig('warn'), 'loglevel.widget-source': 'loud' }), {
    level: 'warn',
    mistakes: ['loglevel.widget-source of K_LOGGING_CONFIG must be one of debug, info, warn, warning, error, dpanic, panic, fatal, got "loud"']
  })
  t.match(config(zapConfig('loud')), { level: 'info', mistakes: [/^level in zap-logger-config of K_LOGGING_CONFIG must be one of/] })
})
