import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { eventType, metricsPrefix } from '../../src/samplesource/names.js'
import { Program } from '../program.js'
import { makeCertificates } from '../certificates.js'
import { startSink } from './sink.js'
import { never, often, trigger } from './trigger.js'

// These tests only wait most of the time.
t.jobs = 4

const start = (t: Test, env: Record<string, string>, from: 'dist' | 'build' = 'dist') => new Program('adapter', { ...never, ...env }, { t, from })

/** An adapter that sends. */
async function startSending (t: Test, env: Record<string, string>, from?: 'dist' | 'build'): Promise<Program> {
  const process = start(t, { ...often, ...env }, from)
  await process.logged(/^sending /)
  await trigger(process)
  return process
}

const logging = (level: string) => JSON.stringify({ 'zap-logger-config': JSON.stringify({ level }) })

t.test('the process sends, is observed, and finishes a delivery when SIGTERM comes', { buffered: true }, async t => {
  const last = { answer: (): void => {} }
  const sink = await startSink(t, index => {
    if (index === 1) return 503
    return index < 4 ? 202 : new Promise(resolve => { last.answer = () => resolve(202) })
  })
  const process = await startSending(t, {
    K_SINK: sink.url,
    EVENT_SOURCE: 'demo/heartbeat',
    K_CE_OVERRIDES: '{"extensions":{"team":"checkout"}}',
    K_LOGGING_CONFIG: logging('debug')
  }, 'build')
  const { event, headers } = await sink.nth(0)
  t.match(event, { type: eventType, team: 'checkout' })
  t.equal(headers['kn-namespace'], 'demo')
  t.equal((await sink.nth(2)).event.id, (await sink.nth(1)).event.id, 'sent again')
  await sink.nth(4)

  const { port } = await process.logged(/^metrics server listening$/)
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  t.ok(metrics.split('\n').includes(`${metricsPrefix}_adapter_events_total{event_type="${eventType}",response_code_class="2xx"} 3`))
  t.ok(metrics.split('\n').includes(`${metricsPrefix}_adapter_retry_events_total{event_type="${eventType}",response_code_class="5xx"} 1`))

  process.kill('SIGTERM')
  t.match(await process.logged(/^stopping$/), { level: 30, source: 'demo/heartbeat', signal: 'SIGTERM' })
  last.answer()
  t.match(await process.ended(), { code: 0, stderr: '' })
  t.match(process.logs.at(-1), { level: 20, msg: 'event delivered' })
  t.match(process.logs.find(({ msg }) => msg.startsWith('sending')), { msg: new RegExp(`^sending .* to ${sink.url}$`) })
  t.equal(sink.received.length, 5)
})

t.test('https, trusting K_CA_CERTS; a delivery to a sink that does not answer is given up 5 s after SIGTERM', { buffered: true }, async t => {
  const { ca, server } = makeCertificates(t)
  const sink = await startSink(t, index => index === 0 ? 202 : 'silence', server)
  const process = await startSending(t, { K_SINK: sink.url, K_CA_CERTS: ca.cert, K_LOGGING_CONFIG: '{' }, 'build')
  await sink.nth(1)
  const begin = Date.now()
  process.kill('SIGTERM')
  t.match(await process.ended(), { code: 0, stderr: '' })
  const took = Date.now() - begin
  t.ok(took > 4_500, `after 5 s: ${took} ms`)
  t.match(process.logs.find(({ level }) => level === 40), { msg: 'K_LOGGING_CONFIG must be a JSON object' })
  t.match(process.logs.at(-1), { level: 50, msg: /^event lost/ })
  t.notOk(process.logs.some(({ level }) => level < 30), 'what is delivered is not worth a line')
})

t.test('a second SIGTERM ends it at once', { buffered: true }, async t => {
  const sink = await startSink(t, () => 'silence')
  const process = await startSending(t, { K_SINK: sink.url })
  await sink.nth(0)
  process.kill('SIGTERM')
  await process.logged(/^stopping$/)
  process.kill('SIGTERM')
  t.match(await process.ended(), { code: 1, stderr: '' })
  t.match(process.logs.at(-1), { level: 50, msg: 'second SIGTERM, exiting' })
})

t.test('the log has no secrets: neither a password in K_SINK nor the sink\'s answer', { buffered: true }, async t => {
  const sink = await startSink(t, () => response => response.socket?.end('hush hush'))
  const process = await startSending(t, { K_SINK: `${sink.url.replace('//', '//user:hush@')}?token=hush` })
  await process.logged(/^event lost/)
  process.kill('SIGTERM')
  t.match(await process.ended(), { code: 0, stderr: '' })
  t.notMatch(JSON.stringify(process.logs), /hush/)
  t.notMatch(JSON.stringify(process.logs), [...Buffer.from('hush')].join(), 'nor as bytes')
})

t.test('https, trusting the roots of the system', { buffered: true }, async t => {
  const { ca, server } = makeCertificates(t)
  const sink = await startSink(t, undefined, server)
  const directory = t.testdir({ 'ca-certificates.crt': ca.cert })
  const process = await startSending(t, { K_SINK: sink.url, SSL_CERT_FILE: join(directory, 'ca-certificates.crt') })
  await sink.nth(0)
  process.kill('SIGTERM')
  t.match(await process.ended(), { code: 0 })
})

t.test('each mistake in the environment is a line, and the exit code is 1', { buffered: true }, async t => {
  const process = start(t, { K_SINK: '', METRICS_PORT: 'many', K_CE_OVERRIDES: '{"extensions":{"Team":"a"}}' }, 'build')
  t.match(await process.ended(), { code: 1, stderr: '' })
  t.same(process.logs.map(({ level, msg }) => [level, msg]), [
    [60, 'K_SINK is missing: the SinkBinding has not set it yet, or does not find the sink'],
    [60, 'METRICS_PORT must be a port from 0 to 65535, got "many"'],
    [60, 'K_CE_OVERRIDES: extensions["Team"]: expected a name of lower-case letters and digits (256 at most)']
  ])
})

t.test('roots that cannot be read are a line, not a stack trace', { buffered: true }, async t => {
  const directory = t.testdir({ loop: t.fixture('symlink', 'loop') })
  for (const file of [directory, join(directory, 'loop')]) {
    const process = start(t, { K_SINK: 'https://127.0.0.1:1', SSL_CERT_FILE: file }, 'build')
    t.match(await process.ended(), { code: 1, stderr: '' })
    t.match(process.logs.map(({ level, msg }) => [level, msg]), [[60, /^SSL_CERT_FILE must be a file with certificates in PEM format, or none: E(ISDIR|LOOP)[^\n]*$/]])
  }
})

t.test('an unexpected error shuts the process down with exit code 1', { buffered: true }, async t => {
  // Once the handler is installed.
  const folder = t.testdir({ 'failing.mjs': 'setInterval(() => { if (process.listenerCount("uncaughtException") > 0) throw new Error("unforeseen") }, 10)' })
  const process = new Program('adapter', { ...never, K_SINK: 'http://127.0.0.1:1' }, { t, from: 'build', preload: join(folder, 'failing.mjs') })
  t.match(await process.ended(), { code: 1, stderr: '' })
  t.match(process.logs.at(-1), { level: 60, msg: 'stopping: unexpected error', err: { message: 'unforeseen' } })
})

t.test('a port in use is one line, which names the variable', { buffered: true }, async t => {
  const server = createServer().listen(0)
  await once(server, 'listening')
  // That of IPv4 if the kernel has no IPv6.
  const { address, port } = server.address() as { address: string, port: number }
  const process = start(t, { K_SINK: 'http://127.0.0.1:1', METRICS_PORT: String(port) })
  t.match(await process.ended(), { code: 1, stderr: '' })
  t.match(process.logs, [{ level: 60, err: undefined, msg: `METRICS_PORT: listen EADDRINUSE: address already in use ${address}:${port}` }])
  t.equal(process.logs.length, 1)
  server.close()
})
