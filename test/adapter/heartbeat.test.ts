import t from 'tap'
import { makeReader } from '../../src/adapter/environment.js'
import { makeHeartbeat, readSettings } from '../../src/adapter/heartbeat.js'
import { eventSource, eventType } from '../../src/samplesource/names.js'
import { environment } from './environment.js'

/** The settings and mistakes of an environment. */
function read (changes: Record<string, string> = {}) {
  const mistakes: string[] = []
  const settings = readSettings(makeReader({ ...environment, ...changes }, mistakes))
  return { settings, mistakes }
}

t.test('settings', async t => {
  t.match(read(), { settings: { interval: 10_000_000_000n }, mistakes: { length: 0 } })
  t.match(read({ INTERVAL: '' }), { settings: { interval: 10_000_000_000n }, mistakes: { length: 0 } })
  t.match(read({ INTERVAL: '1h30m' }), { settings: { interval: 5_400_000_000_000n }, mistakes: { length: 0 } })
})

t.test('mistakes', async t => {
  for (const text of ['10', '0s', '-1s']) {
    t.same(read({ INTERVAL: text }).mistakes, [`INTERVAL must be a positive Go duration such as 500ms, 10s or 1h30m, got "${text}"`])
  }
})

t.test('the event', async t => {
  const { settings } = read({ INTERVAL: '90s' })
  t.match(makeHeartbeat(settings, 7), { type: eventType, source: eventSource, data: { sequence: 7, heartbeat: '1m30s' } })
})
