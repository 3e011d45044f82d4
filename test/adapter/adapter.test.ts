import t from 'tap'
import { makeAdapter } from '../../src/adapter/adapter.js'
import { readConfig } from '../../src/adapter/config.js'
import { makeDelivery } from '../../src/adapter/delivery.js'
import { component, eventType, metricsPrefix, readSettings } from '../../src/adapter/heartbeat.js'
import { environment } from './environment.js'
import { FakeClock } from './fake-clock.js'
import { makeLog } from './log.js'
import { makeReadableMetrics } from './metrics.js'

/** An adapter of this source that sends to a sink which accepts everything, until it is stopped. */
async function run (env: Record<string, string> = {}) {
  const { config } = readConfig({ K_SINK: 'http://sink.example', ...environment, ...env }, component, readSettings)
  const bodies: string[] = []
  const headers: Array<Record<string, string>> = []
  let finish = (): void => {}
  const finished = new Promise<void>(resolve => { finish = resolve })
  const adapter = makeAdapter(config!, makeDelivery({
    send: async message => {
      if (bodies.push(message.body) === 3) finish()
      headers.push(message.headers)
      return { statusCode: 202, retryAfter: undefined }
    },
    clock: new FakeClock(),
    metrics: makeReadableMetrics(metricsPrefix, eventType),
    logger: makeLog().logger
  }))
  await adapter.start()
  await finished
  await adapter.stop(1_000)
  return { adapter, bodies, headers }
}

t.test('an event every interval, with the extensions that the SinkBinding asks for', async t => {
  const { adapter, bodies, headers } = await run({ INTERVAL: '90s', K_CE_OVERRIDES: '{"extensions":{"team":"checkout"}}' })
  t.equal(adapter.description, 'sending an event every 1m30s')
  t.match(bodies.slice(0, 3).map(body => JSON.parse(body)), [0, 1, 2].map(sequence => ({ sequence })))
  t.match(headers[0], { 'ce-type': eventType, 'ce-team': 'checkout' })
})
