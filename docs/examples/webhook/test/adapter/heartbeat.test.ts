import t from 'tap'
import type { Call } from '../../src/adapter/call.js'
import { makeReader } from '../../src/adapter/environment.js'
import { makeContent, readSettings } from '../../src/adapter/heartbeat.js'
import { eventSource, eventType } from '../../src/samplesource/names.js'
import { environment } from './environment.js'

/** The settings of an environment, and what is wrong with it. */
function read (changes: Record<string, string> = {}) {
  const mistakes: string[] = []
  const settings = readSettings(makeReader({ ...environment, ...changes }, mistakes))
  return { settings, mistakes }
}

const makeCall = (text: string): Call => ({ url: '/', headers: {}, text, data: JSON.parse(text) })

const { settings } = read()

t.test('settings', async t => {
  t.same(read(), { settings: { port: 8080 }, mistakes: [] })
  t.same(read({ PORT: '80' }), { settings: { port: 80 }, mistakes: [] })
  t.same(read({ PORT: 'http' }).mistakes, ['PORT must be a port from 0 to 65535, got "http"'])
})

t.test('the event', async t => {
  const call = makeCall('{"order":12345678901234567890}')
  t.same(makeContent(settings, call), { content: { type: eventType, source: eventSource, data: call.text } }, 'the body as it came')
  t.match(makeContent(settings, { ...call, headers: { 'webhook-id': 'msg_1' } }), { content: { id: 'msg_1' } })
})

t.test('what is refused', async t => {
  for (const text of ['null', '"text"', '7']) {
    t.same(makeContent(settings, makeCall(text)), { refusal: { code: 422, error: 'body: expected a JSON object or array' } })
  }
})
