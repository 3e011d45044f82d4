import t, { type Test } from 'tap'
import { makeAdapter } from '../../src/adapter/adapter.js'
import { readConfig } from '../../src/adapter/config.js'
import { makeDelivery } from '../../src/adapter/delivery.js'
import type { EventMessage } from '../../src/adapter/event.js'
import { component, eventType, metricsPrefix, readSettings } from '../../src/adapter/heartbeat.js'
import { environment } from './environment.js'
import { FakeClock } from './fake-clock.js'
import { makeLog } from './log.js'
import { makeReadableMetrics } from './metrics.js'

/** An adapter of this source that listens, until the test ends, and what it sends to a sink that takes everything. */
async function start (t: Test, env: Record<string, string>) {
  const { config } = readConfig({ K_SINK: 'http://sink.example', ...environment, PORT: '0', ...env }, component, readSettings)
  const messages: EventMessage[] = []
  const { lines, logger } = makeLog()
  const adapter = makeAdapter(config!, makeDelivery({
    send: async message => {
      messages.push(message)
      return { statusCode: 202, retryAfter: undefined }
    },
    clock: new FakeClock(),
    metrics: makeReadableMetrics(metricsPrefix, eventType),
    logger
  }))
  await adapter.start()
  t.teardown(async () => await adapter.stop(1_000))
  const port = lines.find(({ msg }) => msg === 'receiver listening')?.['port']
  const post = async (body: string, headers: Record<string, string> = {}) =>
    await fetch(`http://127.0.0.1:${String(port)}`, { method: 'POST', body, headers: { 'Content-Type': 'application/json', ...headers } })
  return { adapter, messages, post }
}

t.test('an event for each request, with the extensions that the SinkBinding asks for', async t => {
  const { adapter, messages, post } = await start(t, { K_CE_OVERRIDES: '{"extensions":{"team":"checkout"}}' })
  t.equal(adapter.description, 'sending an event for each request that comes in')
  t.equal((await post('{"order":7}', { 'webhook-id': 'msg_1' })).status, 202)
  t.match(messages, [{ body: '{"order":7}', headers: { 'ce-id': 'msg_1', 'ce-type': eventType, 'ce-team': 'checkout' } }])
})

t.test('what is refused makes no event', async t => {
  const { messages, post } = await start(t, {})
  t.equal((await post('null')).status, 422)
  t.same(messages, [])
})
