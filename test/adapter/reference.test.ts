import { readFileSync } from 'node:fs'
import t from 'tap'
import { makeAdapter } from '../../src/adapter/adapter.js'
import { readConfig } from '../../src/adapter/config.js'
import { makeDelivery } from '../../src/adapter/delivery.js'
import { component, eventType, metricsPrefix, readSettings } from '../../src/adapter/heartbeat.js'
import { reference } from '../reference.js'
import { environment } from './environment.js'
import { FakeClock } from './fake-clock.js'
import { makeLog } from './log.js'
import { makeReadableMetrics } from './metrics.js'

t.test('the reference tells of every metric', async t => {
  const { config } = readConfig({ K_SINK: 'http://sink.example', ...environment }, component, readSettings)
  const metrics = makeReadableMetrics(metricsPrefix, eventType)
  makeAdapter(config!, makeDelivery({ send: () => { throw new Error('it has not begun') }, clock: new FakeClock(), metrics, logger: makeLog().logger }))
  const names = (await metrics.registry.getMetricsAsJSON()).map(({ name }) => name).filter(name => !/^(process|nodejs)_/.test(name))
  const told = [...readFileSync(reference, 'utf8').matchAll(/^\| `(\w+)`/gm)]
    .map(([, name]) => name as string)
    .filter(name => name.startsWith(`${metricsPrefix}_adapter_`) || name.startsWith('http_client_'))
  t.strictSame(told.sort(), names.sort())
})
