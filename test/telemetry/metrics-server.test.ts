import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Gauge, Registry } from 'prom-client'
import t from 'tap'
import { makeMetricsServer } from '../../src/telemetry/metrics-server.js'
import { makeReadableMetrics } from '../adapter/metrics.js'

t.test('GET /metrics, in the format of Prometheus', async t => {
  const metrics = makeReadableMetrics()
  metrics.finished({ statusCode: 202, retryAfter: undefined })
  metrics.finished({ error: Object.assign(new Error('a'), { code: 'ETIMEDOUT' }) })
  metrics.retried({ error: new Error('a') })
  const server = makeMetricsServer(metrics.registry).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const response = await fetch(`${url}/metrics`, { headers: { connection: 'close' } })
  t.equal(response.status, 200)
  t.match(response.headers.get('content-type'), /^text\/plain; version=0\.0\.4/)
  const lines = (await response.text()).split('\n')
  for (const line of [
    'widget_adapter_events_total{event_type="com.example.widget",response_code_class="2xx"} 1',
    'widget_adapter_events_total{event_type="com.example.widget",response_code_class="timeout"} 1',
    'widget_adapter_retry_events_total{event_type="com.example.widget",response_code_class="error"} 1',
    '# TYPE http_client_request_duration_seconds histogram',
    '# TYPE process_resident_memory_bytes gauge'
  ]) t.ok(lines.includes(line), line)

  t.equal((await fetch(`${url}/`, { headers: { connection: 'close' } })).status, 404)
  for (const path of ['/metrics/', '/metricsx', '/?/metrics']) t.equal((await fetch(`${url}${path}`, { headers: { connection: 'close' } })).status, 404, path)
  const posted = await fetch(`${url}/metrics`, { method: 'POST', headers: { connection: 'close' } })
  t.match([posted.status, posted.headers.get('allow')], [405, 'GET, HEAD'])
  const queried = await fetch(`${url}/metrics?x=1`, { headers: { connection: 'close' } })
  t.match(await queried.text(), /^widget_adapter_events_total/m)
  const head = await fetch(`${url}/metrics`, { method: 'HEAD', headers: { connection: 'close' } })
  t.match([head.status, head.headers.get('content-type'), await head.text()], [200, /^text\/plain/, ''])
})

t.test('metrics that cannot be rendered are a 500, and the process goes on', async t => {
  const registry = new Registry()
  registry.registerMetric(new Gauge({ registers: [], name: 'broken', help: 'Fails.', collect: () => { throw new Error('broken') } }))
  const server = makeMetricsServer(registry).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const get = async () => (await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`, { headers: { connection: 'close' } })).status
  t.equal(await get(), 500)
  registry.removeSingleMetric('broken')
  t.equal(await get(), 200)
})
