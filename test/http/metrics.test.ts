import { once } from 'node:events'
import { connect } from 'node:net'
import { Registry, collectDefaultMetrics } from 'prom-client'
import t from 'tap'
import { makeMetrics, type Metrics } from '../../src/http/metrics.js'
import { makeOpsServer } from '../../src/http/ops-server.js'
import { makeHooks, readRequest } from '../widget/widget.js'
import { until } from '../until.js'
import { makeLog, post, startHook } from './hook.js'

/** A metric as Prometheus reads it: its samples by name and labels. */
async function samplesOf ({ registry }: Metrics): Promise<Record<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter(line => line.startsWith('widget_'))
  return Object.fromEntries(lines.map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]))
}

t.test('requests, events and invalid specs are counted', async t => {
  const { url, metrics } = await startHook(t)
  await post(url, readRequest('create'))
  await post(url, readRequest('ready'))
  await post(url, readRequest('ready'))
  await post(url, readRequest('invalid-spec'))
  await post(url, 'no JSON')
  await (await fetch(`${url}/elsewhere`, { method: 'POST' })).text()
  await until(async () => (await samplesOf(metrics))['widget_hook_requests_total{hook="none",code="404"}'])
  t.match(await samplesOf(metrics), {
    'widget_hook_requests_total{hook="sync",code="200"}': 4,
    'widget_hook_requests_total{hook="sync",code="400"}': 1,
    'widget_hook_request_duration_seconds_count{hook="sync",outcome="success"}': 4,
    'widget_hook_request_duration_seconds_count{hook="sync",outcome="refused"}': 1,
    'widget_hook_request_duration_seconds_count{hook="none",outcome="refused"}': 1,
    widget_hook_requests_in_flight: 0,
    'widget_reconciler_events_total{type="Normal",reason="DeploymentCreated"}': 1,
    'widget_reconciler_events_total{type="Normal",reason="SinkBindingCreated"}': 1,
    widget_invalid_specs_total: 1,
    widget_status_changes_total: 1
  }, 'a ready source, and one whose invalid spec has been reported, change nothing')
  const seconds = (await samplesOf(metrics))['widget_hook_request_duration_seconds_sum{hook="sync",outcome="success"}'] as number
  t.ok(seconds > 0 && seconds < 60, 'in seconds')
})

t.test('reasons that did not occur yet are counted as 0', async t => {
  t.match(await samplesOf(makeMetrics('widget', '1.2.3')), {
    ...Object.fromEntries(['token', 'certificate'].map(reason => [`widget_hook_authentication_failures_total{reason="${reason}"}`, 0])),
    ...Object.fromEntries(['requests', 'bytes', 'event_loop', 'memory'].map(reason => [`widget_hook_shed_requests_total{reason="${reason}"}`, 0]))
  })
})

t.test('a bug in the hook is counted as failed', async t => {
  const { url, metrics } = await startHook(t, { hooks: makeHooks().map(hook => ({ ...hook, answer: () => { throw new Error('a fault') } })) })
  t.equal((await post(url, readRequest('create'))).status, 500)
  await until(async () => (await samplesOf(metrics))['widget_hook_request_duration_seconds_count{hook="sync",outcome="failed"}'])
})

t.test('the request of a caller that disconnects is in flight until then, and has no status code', async t => {
  const { url, metrics } = await startHook(t)
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.write('POST /sync HTTP/1.1\r\nHost: hook\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{')
  await until(async () => (await samplesOf(metrics))['widget_hook_requests_in_flight'] === 1)
  socket.destroy()
  await until(async () => (await samplesOf(metrics))['widget_hook_requests_in_flight'] === 0)
  const samples = await samplesOf(metrics)
  t.equal(samples['widget_hook_request_duration_seconds_count{hook="sync",outcome="aborted"}'], 1)
  t.notOk(Object.keys(samples).some(name => name.startsWith('widget_hook_requests_total{')))
})

t.test('names and units follow Prometheus\' conventions', async t => {
  const metrics = (await makeMetrics('widget', '1.2.3').registry.getMetricsAsJSON()) as unknown as Array<{ name: string, help: string, type: string }>
  const ours = metrics.filter(({ name }) => name.startsWith('widget_'))
  t.ok(ours.length >= 9)
  for (const { name, help, type } of ours) {
    t.match(name, /^widget(_[a-z]+)+$/)
    t.equal(name.endsWith('_total'), type === 'counter', `${name} is a ${type}`)
    if (type === 'histogram') t.match(name, /_seconds$/)
    t.match(help, /^[A-Z].*\.$/)
  }
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const ofEveryProcess = registry.getMetricsAsArray().map(({ name }) => name).filter(name => name !== 'nodejs_gc_duration_seconds')
  t.same(metrics.map(({ name }) => name).filter(name => !name.startsWith('widget_')).sort(), ofEveryProcess.sort())
})

t.test('the ops port serves probes and metrics', async t => {
  const leaving = new AbortController()
  const metrics = makeMetrics('widget', '1.2.3')
  const app = makeOpsServer({ logger: makeLog().logger, metrics, leaving: leaving.signal })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(() => app.close())
  const get = async (path: string) => {
    const response = await fetch(url + path)
    return { status: response.status, type: response.headers.get('content-type'), body: await response.text() }
  }
  t.match(await get('/readyz'), { status: 200, body: '{"status":"ok"}' })
  t.match(await get('/metrics'), {
    status: 200,
    type: 'text/plain; version=0.0.4; charset=utf-8',
    body: new RegExp(`^widget_build_info\\{version="1\\.2\\.3",nodejs_version="${process.versions.node}"\\} 1$`, 'm')
  })
  leaving.abort()
  t.match(await get('/readyz'), { status: 503, body: '{"status":"leaving"}' })
  t.match(await get('/healthz'), { status: 200, body: '{"status":"ok"}' })
})
