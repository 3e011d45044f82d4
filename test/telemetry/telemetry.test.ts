import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { component, eventSource, eventType, metricsPrefix } from '../../src/samplesource/names.js'
import { startSink, type Answer, type Sink } from '../adapter/sink.js'
import { never, often, trigger } from '../adapter/trigger.js'
import { Program } from '../program.js'
import { until } from '../until.js'
import { startCollector } from './collector.js'

/* The telemetry of the adapter, as a process, at a real collector. */

t.jobs = 4

/** The answer of the sink, by the number of the event and of the attempt. */
type Answers = (event: number, attempt: number) => Answer

/** An adapter that sends to a sink, with a configuration of its telemetry. */
async function start (t: Test, config: object, { answer = () => 202, env = {}, from = 'dist' }: { answer?: Answers, env?: Record<string, string>, from?: 'build' | 'dist' } = {}) {
  // Counts the events, and the attempts of each.
  const sink: Sink = await startSink(t, index => {
    const { id } = sink.received[index]!.event
    const ids = [...new Set(sink.received.map(({ event }) => event.id))]
    return answer(ids.indexOf(id), sink.received.slice(0, index).filter(({ event }) => event.id === id).length)
  })
  const process = new Program('adapter', {
    ...never,
    ...often,
    K_SINK: `${sink.url.replace('//', '//user:hush@')}path?token=hush`,
    K_OBSERVABILITY_CONFIG: JSON.stringify(config),
    NAMESPACE: 'demo',
    NAME: 'pod-1',
    ...env
  }, { t, from })
  await process.logged(/^sending /)
  await trigger(process)
  return { ...sink, process }
}

/** The trace, the span and the sampled flag of a `traceparent`. */
function readTraceparent (traceparent: unknown) {
  const [, traceId, spanId, flags] = String(traceparent).split('-')
  return { traceId, spanId, isSampled: flags === '01' }
}

const resource = { 'service.name': component, 'k8s.namespace.name': 'demo', 'k8s.pod.name': 'pod-1', 'service.instance.id': 'demo/pod-1' }

// As it is shipped: the bundle has these packages in another form.
const protocols = ['http/protobuf', 'grpc'] as const
for (const protocol of protocols) {
  t.test(`traces by ${protocol}: a span for each delivery, with its retries, and the trace goes on in the event`, { buffered: true }, async t => {
    const collector = await startCollector(t, protocol)
    // A busy machine may have no time for the second attempt of the first event.
    let taken: number | undefined
    const { received, process } = await start(t, { tracing: { protocol, endpoint: collector.url, samplingRate: 1 } }, {
      answer (event, attempt) {
        if (taken !== undefined) return 400
        if (attempt === 0) return 503
        taken = event
        return 202
      }
    })
    await process.logged(/^event lost: the sink answered 400$/)
    // The rest is sent at the end.
    process.kill('SIGTERM')
    t.match(await process.ended(), { code: 0, stderr: '' })
    const retried = collector.spans.find(({ attributes }) => attributes['http.response.status_code'] === 202)
    const lost = collector.spans.find(({ attributes }) => attributes['http.response.status_code'] === 400)
    const [first, second] = received.filter(({ event }) => event.id === retried?.attributes['cloudevents.event_id'])
    const { event, headers } = first!
    t.match(readTraceparent(event['traceparent']), { traceId: retried?.traceId, spanId: retried?.spanId, isSampled: true })
    t.equal(headers['traceparent'], event['traceparent'])
    t.equal(second?.event['traceparent'], event['traceparent'], 'the same for the event that is sent again')
    t.match(retried, {
      resource,
      name: `send ${eventType}`,
      kind: 4,
      parentSpanId: '',
      attributes: {
        'cloudevents.event_id': event.id,
        'cloudevents.event_source': eventSource,
        'cloudevents.event_type': eventType,
        'http.request.method': 'POST',
        'http.response.status_code': 202,
        'http.request.resend_count': 1
      },
      events: [{ name: 'retry', attributes: { 'http.response.status_code': 503, 'http.request.resend_count': 1 } }]
    })
    t.match(lost, { events: { length: 0 }, attributes: { 'http.response.status_code': 400 }, status: { code: 2, message: 'the sink answered 400' } })
    t.notMatch(JSON.stringify(collector.spans), /hush/)
    t.ok(new Set(collector.spans.map(({ spanId }) => spanId)).size === collector.spans.length && collector.spans.length <= received.length)
  })

  t.test(`metrics by ${protocol}`, { buffered: true }, async t => {
    const collector = await startCollector(t, protocol)
    const { process } = await start(t, { metrics: { protocol, endpoint: collector.url, exportInterval: 200_000_000 } }, { answer: (_, attempt) => attempt === 0 ? 503 : 202 })
    await until(() => collector.metrics.get(`${metricsPrefix}.adapter.events`)?.values.some(({ value, response_code_class: code }) => code === '2xx' && value > 0))
    process.kill('SIGTERM')
    t.match(await process.ended(), { code: 0, stderr: '' })
    const { metrics } = collector
    t.match(metrics.get(`${metricsPrefix}.adapter.events`), { resource, type: 'counter', unit: '{event}', values: [{ event_type: eventType, response_code_class: '2xx' }] })
    t.match(metrics.get(`${metricsPrefix}.adapter.retry_events`), { type: 'counter', values: [{ response_code_class: '5xx' }] })
    t.match(metrics.get('http.client.request.duration'), { type: 'histogram', unit: 's', values: [{ 'http.request.method': 'POST', 'http.response.status_code': 503 }, { 'http.response.status_code': 202 }] })
    t.match(metrics.get(`${metricsPrefix}.adapter.last_delivery_timestamp`), { type: 'gauge', unit: 's' })
    t.match(metrics.get('process.memory.usage'), { type: 'upDownCounter', unit: 'By' })
    t.match(metrics.get('process.cpu.time'), { type: 'counter', values: [{ 'cpu.mode': 'user' }, { 'cpu.mode': 'system' }] })
    t.notOk(process.logs.some(({ msg }) => msg.startsWith('metrics server')), 'Prometheus is not served besides')
  })
}

t.test('sampled only as configured: at rate 0 there is a trace, and it is not recorded', { buffered: true }, async t => {
  const collector = await startCollector(t, 'http/protobuf')
  const { nth, process } = await start(t, { tracing: { protocol: 'http/protobuf', endpoint: collector.url } })
  t.match(readTraceparent((await nth(1)).event['traceparent']), { traceId: /^[0-9a-f]{32}$/, isSampled: false })
  process.kill('SIGTERM')
  await process.ended()
  t.same(collector.spans, [])
})

t.test('an event that has a trace stays in it', { buffered: true }, async t => {
  const collector = await startCollector(t, 'http/protobuf')
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const process = new Program('adapter', {
    ...never,
    ...often,
    K_SINK: 'http://127.0.0.1:1',
    K_CE_OVERRIDES: JSON.stringify({ extensions: { traceparent } }),
    K_OBSERVABILITY_CONFIG: JSON.stringify({ tracing: { protocol: 'http/protobuf', endpoint: collector.url, samplingRate: 1 } })
  }, { t, from: 'build' })
  await process.logged(/^sending /)
  await trigger(process)
  await process.logged(/^event lost/)
  process.kill('SIGTERM')
  await process.ended()
  t.match(collector.spans[0], { traceId: '0af7651916cd43dd8448eb211c80319c', parentSpanId: 'b7ad6b7169203331', attributes: { 'error.type': 'ECONNREFUSED' }, status: { code: 2 } })
})

t.test('stdout: each span is a line of JSON between those of the log', { buffered: true }, async t => {
  const { nth, process } = await start(t, { tracing: { protocol: 'stdout' } }, { from: 'build' })
  const { event } = await nth(0)
  await until(() => process.logs.some(line => 'resourceSpans' in line))
  const { traceId } = readTraceparent(event['traceparent'])
  t.match(process.logs.find(line => 'resourceSpans' in line), { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId, name: `send ${eventType}` }] }] }] })
  process.kill('SIGTERM')
  t.match(await process.ended(), { code: 0, stderr: '' })
})

t.test('an unreachable collector is logged; events are still sent, and the adapter ends', { buffered: true }, async t => {
  for (const protocol of protocols) {
    const otlp = { protocol, endpoint: 'http://127.0.0.1:1', exportInterval: 100_000_000, samplingRate: 1 }
    const { nth, process } = await start(t, { metrics: otlp, tracing: otlp }, { from: 'build' })
    await nth(1)
    await process.logged(/^telemetry was not sent: /)
    process.kill('SIGTERM')
    t.match(await process.ended(), { code: 0, stderr: '' })
    t.notOk(process.logs.some(line => 'stack' in line || line['err'] !== undefined), protocol)
  }
})

t.test('without metrics there is no metrics server', { buffered: true }, async t => {
  const { nth, process } = await start(t, { metrics: { protocol: 'none' } }, { from: 'build' })
  await nth(0)
  t.notOk(process.logs.some(({ msg }) => msg.startsWith('metrics server')))
  process.kill('SIGTERM')
  t.match(await process.ended(), { code: 0 })
})

t.test('an adapter without telemetry loads neither OpenTelemetry nor a proxy', async t => {
  /** The files that a file imports, directly or indirectly, without dynamic imports. */
  const loaded = new Map<string, string>()
  const load = (file: string) => {
    if (loaded.has(file)) return
    const text = readFileSync(file, 'utf8')
    loaded.set(file, text)
    for (const [, imported] of text.matchAll(/^(?:import|\} from) ?(?:[^'"]* from )?"(\.[^"]+)"/gm)) load(join(dirname(file), imported as string))
  }
  load('dist/adapter/main.js')
  // The start is a separate file that then imports the rest.
  const [, run] = /import\("(\.\.\/run-[^"]+)"\)/.exec(loaded.get('dist/adapter/main.js') ?? '') ?? []
  load(join('dist/adapter', run as string))
  const packages = new Set([...loaded.values()].flatMap(text => [...text.matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)/gm)].map(([, name]) => name)))
  t.ok(packages.has('prom-client') && packages.has('cloudevents'), 'these it does')
  // prom-client depends on the API, which is some types and a few functions.
  t.same([...packages].filter(name => /opentelemetry|grpc|protobufjs|proxy-agent/.test(name ?? '')), ['@opentelemetry/api'])
})

t.test('Prometheus at the configured address; METRICS_PORT takes precedence', { buffered: true }, async t => {
  const { process } = await start(t, { metrics: { protocol: 'prometheus', endpoint: '127.0.0.1:9092' }, runtime: { profiling: 'enabled' } }, { env: { METRICS_PORT: '0', PROFILING_PORT: '0' } })
  const { port } = await process.logged(/^metrics server listening$/)
  t.not(port, 9092)
  t.match(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text(), new RegExp(`^${metricsPrefix}_adapter_last_delivery_timestamp_seconds \\d`, 'm'))
  process.kill('SIGTERM')
  t.match(await process.ended(), { code: 0 })
})

t.test('an address of another machine is an error of one line', { buffered: true }, async t => {
  const process = new Program('adapter', { ...never, K_SINK: 'http://127.0.0.1:1', K_OBSERVABILITY_CONFIG: '{"metrics":{"protocol":"prometheus","endpoint":"192.0.2.1:9092"}}' }, { t, from: 'build' })
  t.match(await process.ended(), { code: 1, stderr: '' })
  t.match(process.logs.map(({ msg }) => msg), [/^K_OBSERVABILITY_CONFIG: listen EADDRNOTAVAIL/])
  t.equal(process.logs.length, 1)
})

t.test('profiles of the heap and the processor, if they are configured', { buffered: true }, async t => {
  const { process } = await start(t, { runtime: { profiling: 'enabled' } }, { env: { PROFILING_PORT: '0' }, from: 'build' })
  const { port } = await process.logged(/^profiling server listening$/)
  const get = async (path: string, method = 'GET') => await fetch(`http://127.0.0.1:${port}${path}`, { method })
  let asked: Response[] = []
  await until(async () => {
    const first = get('/debug/pprof/heap?seconds=1')
    // By then the first has begun.
    await get('/')
    // On a busy machine, the second may come only when the first has been answered. Then it is one of 30 s.
    asked = await Promise.all([first, get('/debug/pprof/heap')])
    return asked.some(({ status }) => status !== 200)
  })
  const [taken, refused] = asked.sort((one, other) => one.status - other.status)
  t.match([taken?.status, refused?.status, await refused?.text()], [200, 503, 'a profile is being taken\n'])
  t.match(await taken?.json(), { head: { callFrame: {} }, samples: Array })
  for (const path of ['/debug/pprof/trace', '/profile', '/heap', '/constructor', '/debug/pprof/constructor', '/__proto__']) t.equal((await get(path)).status, 404, path)
  t.equal((await get('/debug/pprof/heap', 'POST')).status, 404)
  for (const seconds of ['0', '301', '-1', 'x', '1e2', '']) t.equal((await get(`/debug/pprof/heap?seconds=${seconds}`)).status, 400, seconds)
  const ofProcessor = await get('/debug/pprof/profile?seconds=1')
  t.equal(ofProcessor.headers.get('content-disposition'), 'attachment; filename="adapter.cpuprofile"')
  t.match(await ofProcessor.json(), { nodes: [{ callFrame: {} }], samples: Array })
  process.kill('SIGTERM')
  t.match(await process.ended(), { code: 0, stderr: '' })
})

t.test('mistakes in the configuration are warnings', { buffered: true }, async t => {
  const { process, nth } = await start(t, { metrics: { protocol: 'statsd' } })
  await nth(0)
  process.kill('SIGTERM')
  t.match(await process.ended(), { code: 0 })
  t.match(process.logs.find(({ level }) => level === 40), { msg: 'K_OBSERVABILITY_CONFIG: metrics.protocol: expected none, prometheus, http/protobuf or grpc, got "statsd"' })
  t.ok(process.logs.some(({ msg }) => msg === 'metrics server listening'))
})
