import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { eventSource, eventType, metricsPrefix } from '../../src/samplesource/names.js'
import { Program } from '../program.js'
import { startSink, type Answer } from '../adapter/sink.js'
import { compile, copyRepository, run } from './copy.js'
import { examples, isMade } from './examples.js'

/* The adapter of docs/examples/webhook: its files and their tests replace ours. */

const folder = copyRepository(t)

t.test('an adapter that sends what is posted to it', async t => {
  await examples.field(folder)
  const { code, output } = await examples.webhook(folder)
  if (!isMade) t.same({ code, output }, { code: 0, output: '' })
  await compile(folder)
  t.jobs = 4
  testWebhook(t)
})

/** The adapter as a process, with the environment of its Deployment, and a real sink. */
async function start (t: Test, answer?: (index: number) => Answer | Promise<Answer>) {
  const sink = await startSink(t, answer)
  const adapter = new Program('adapter', { K_SINK: sink.url, PORT: '0', K_CE_OVERRIDES: '{"extensions":{"team":"checkout"}}' }, { t, from: 'build', cwd: folder })
  const port = (await adapter.logged(/^receiver listening$/))['port'] as number
  await adapter.logged(/^sending an event for each request/)
  const post = async (body: string, headers: Record<string, string> = {}) =>
    await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body, headers: { 'Content-Type': 'application/json', ...headers } })
  return { ...sink, adapter, port, post }
}

function testWebhook (t: Test): void {
  t.test('its tests pass', { buffered: true }, async t => {
    for (const name of ['adapter/heartbeat', 'adapter/adapter']) {
      const { code, output } = await run(folder, process.execPath, [`build/test/${name}.test.js`])
      t.equal(code, 0, output)
    }
  })

  t.test('its tables are generated', { buffered: true }, async t => {
    t.same(await run(folder, process.execPath, ['build/test/docs/generate.js']), { code: 0, output: '' })
    const [configuration, metrics] = ['configuration', 'metrics'].map(name => readFileSync(join(folder, `docs/${name}.md`), 'utf8'))
    t.match(configuration, '| `PORT` | Port for incoming requests: a port from 0 to 65535. | `8080` |')
    t.notMatch(configuration, '`INTERVAL`')
    t.match(metrics, `| \`${metricsPrefix}_adapter_received_requests_total\` | counter | \`code\` |`)
    t.notMatch(metrics, 'skipped_ticks')
  })

  t.test('posted events arrive, are retried after 503 and lost after 4xx, and the caller gets the result', { buffered: true }, async t => {
    const { adapter, post, received } = await start(t, index => [202, 503, 202, 400][index] ?? 202)
    const order = '{"order":12345678901234567890}'
    t.equal((await post(order, { 'webhook-id': 'msg_1' })).status, 202)
    t.match(received[0], { event: { id: 'msg_1', type: eventType, source: eventSource, team: 'checkout' }, text: order, headers: { 'kn-namespace': 'demo', 'content-type': 'application/json' } })

    t.equal((await post('{}')).status, 202)
    t.equal(received.length, 3)
    t.equal(received[1]?.event.id, received[2]?.event.id)
    t.equal((await post('{}')).status, 502, 'lost')
    t.equal((await post('[]')).status, 202, 'and the next one arrives')

    const { port } = await adapter.logged(/^metrics server listening$/)
    const metrics = (await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).split('\n')
    for (const [line, value] of [
      [`events_total{event_type="${eventType}",response_code_class="2xx"}`, 3],
      [`events_total{event_type="${eventType}",response_code_class="4xx"}`, 1],
      [`retry_events_total{event_type="${eventType}",response_code_class="5xx"}`, 1],
      ['received_requests_total{code="202"}', 3],
      ['received_requests_total{code="502"}', 1]
    ]) t.ok(metrics.includes(`${metricsPrefix}_adapter_${line} ${value}`), line as string)
    adapter.kill('SIGTERM')
    t.match(await adapter.ended(), { code: 0, stderr: '' })
  })

  t.test('SIGTERM: the one under way is delivered and answered, and nobody is listened to any more', { buffered: true }, async t => {
    const last = { answer: (): void => {} }
    const { adapter, post, nth, received } = await start(t, () => new Promise(resolve => { last.answer = () => resolve(202) }))
    const underWay = post('{}')
    await nth(0)
    adapter.kill('SIGTERM')
    await adapter.logged(/^stopping$/)
    await t.rejects(post('{}'))
    last.answer()
    t.equal((await underWay).status, 202)
    t.match(await adapter.ended(), { code: 0, stderr: '' })
    t.equal(received.length, 1)
  })

  t.test('what is too large, malformed or slow is refused, and loses nothing', { buffered: true }, async t => {
    const { adapter, port, post, received } = await start(t)
    const slow = ['', 'POST / HTTP/1.1\r\nContent-Type: application/json\r\nHost: a\r\nContent-Length: 9\r\n\r\n{'].map(bytes => {
      const socket = connect(port, '127.0.0.1').on('error', () => {}).resume()
      socket.write(bytes)
      return once(socket, 'close')
    })
    const hostile: Array<[body: string, headers: Record<string, string>, status: number]> = [
      [`"${'a'.repeat(1024 * 1024)}"`, {}, 413],
      ['{', {}, 400],
      ['', {}, 400],
      ['"no object"', {}, 422],
      ['null', {}, 422],
      ['{}', { 'Content-Type': 'text/plain' }, 415],
      ['{}', { 'webhook-id': 'a'.repeat(20_000) }, 431]
    ]
    for (const [body, headers, status] of hostile) t.equal((await post(body, headers)).status, status, `${status}`)
    // What a sink could make something else of is data, and an id is text.
    t.equal((await post('{"__proto__":{"a":1}}', { 'webhook-id': '" %0d%0a: ü' })).status, 202)
    t.equal((await post('['.repeat(30_000) + ']'.repeat(30_000))).status, 202)
    await Promise.all(slow)
    t.equal((await post('{}')).status, 202)
    t.equal(received.length, 3)
    adapter.kill('SIGTERM')
    t.match(await adapter.ended(), { code: 0, stderr: '' })
  })

  t.test('a wrong port is a line, and the exit code is 1', { buffered: true }, async t => {
    const adapter = new Program('adapter', { K_SINK: 'http://127.0.0.1:1', PORT: 'http' }, { t, from: 'build', cwd: folder })
    t.match(await adapter.ended(), { code: 1, stderr: '' })
    t.match(adapter.logs, [{ level: 60, msg: 'PORT must be a port from 0 to 65535, got "http"' }])
    t.equal(adapter.logs.length, 1)
  })
}
