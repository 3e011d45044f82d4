import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { Agent, request, type IncomingMessage, type RequestOptions } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { startSink } from './adapter/sink.js'
import { unceasingly, trigger } from './adapter/trigger.js'
import { fixtureEnvironment, readFixture } from './fixtures.js'
import { Program } from './program.js'
import { until } from './until.js'

/* Callers cannot fill the log, and a log that nobody reads neither fills the memory nor blocks the process. */

// Most of these tests only wait most of the time.
t.jobs = 2

/** Longer than anything here takes, in milliseconds: only a hang reaches it. */
const hang = 60_000

const startHook = (t: Test, env: Record<string, string> = {}) => new Program('hook', { ...fixtureEnvironment(), ...env }, { t })

async function send (url: string, options: RequestOptions, body = ''): Promise<{ status: number | undefined, answer: string }> {
  const sent = request(url, options)
  sent.end(body)
  const [response] = await once(sent, 'response') as [IncomingMessage]
  return { status: response.statusCode, answer: await text(response) }
}

/** Makes the hook refuse that many calls. Each is a line of some 450 characters in its log. */
async function refuse (t: Test, url: string, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  await Promise.all(Array.from({ length: 8 }, async () => {
    for (let index = 0; index < count / 8; index++) await send(`${url}/${'x'.repeat(300)}`, { agent })
  }))
}

t.test('the log and the answer of a refused call repeat little of the request, and nothing of its query', { buffered: true }, async t => {
  const folder = t.testdir({ tokens: 'secret' })
  const open = startHook(t)
  const closed = startHook(t, { AUTH_TOKEN_FILE: `${folder}/tokens` })
  const { hook, ops } = await open.ready()
  const long = 'x'.repeat(8_000)
  const query = '?token=hush'
  const json = { 'content-type': 'application/json' }
  const refused: Array<[number, string, RequestOptions, string?]> = [
    [404, `${hook}/${long}${query}`, {}],
    [404, `${ops}/${long}${query}`, {}],
    [405, `${hook}/sync${query}${long}`, {}],
    [405, `${ops}/healthz${query}${long}`, { method: 'POST' }],
    [400, `${hook}/%ff${long}${query}`, {}],
    [400, `${ops}/%ff${long}${query}`, {}],
    [400, `${hook}/sync${query}${long}`, { method: 'POST', headers: json }, `{"parent":"${long}"}`],
    [400, `${hook}/sync${query}${long}`, { method: 'POST', headers: json }, `{${long}`],
    [415, `${hook}/sync${query}`, { method: 'POST', headers: { 'content-type': `text/${long}` } }, '{}'],
    [415, `${hook}/sync${query}`, { method: 'POST', headers: { 'content-type': long } }, '{}'],
    [401, `${(await closed.ready()).hook}/${long}${query}`, { headers: { authorization: `Bearer ${long}` } }],
    [401, `${(await closed.ready()).hook}/${long}${query}`, { headers: { authorization: long } }]
  ]
  for (const [expected, url, options, body] of refused) {
    const { status, answer } = await send(url, options, body)
    t.equal(status, expected, answer.slice(0, 200))
    t.ok(answer.length < 300, `answer of ${answer.length} characters`)
    t.notMatch(answer, 'hush')
  }
  // Only digits, as many as a header may have. Node's client would not send it.
  const socket = connect(Number(new URL(hook).port), '127.0.0.1')
  socket.write(`POST /sync HTTP/1.1\r\nHost: hook\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${'0'.repeat(8_000)}99999999\r\n\r\n`)
  await once(socket, 'data')
  socket.destroy()

  const lines = [...open.logs, ...closed.logs].filter(({ statusCode }) => statusCode !== undefined)
  t.equal(lines.length, refused.length + 1)
  for (const line of lines) {
    t.ok(String(line['path']).length <= 201, `path of ${String(line['path']).length}`)
    t.ok(JSON.stringify(line).length < 800, `line of ${JSON.stringify(line).length}`)
  }
  t.notMatch(JSON.stringify(lines), 'hush')
})

t.test('a message from a child\'s status is cut', { buffered: true }, async t => {
  const hook = startHook(t)
  const { request: failing } = readFixture('deployment-failing')
  const deployment: any = Object.values(failing.children['Deployment.apps/v1'])[0]
  for (const condition of deployment.status.conditions) condition.message = 'x'.repeat(1_000_000)
  delete failing.parent.status
  const { status } = await send(`${(await hook.ready()).hook}/sync`, { method: 'POST', headers: { 'content-type': 'application/json' } }, JSON.stringify(failing))
  t.equal(status, 200)
  const { msg } = await hook.logged(/^deployment failed/)
  t.equal(msg.length, 1025)
})

t.test('if nobody reads the log, lines are dropped and counted, and the hook goes on serving', { buffered: true }, async t => {
  const hook = startHook(t)
  const { hook: url, ops } = await hook.ready()
  const before = hook.logLength
  hook.pause()
  await refuse(t, url, 4_000)
  t.equal((await send(`${ops}/healthz`, {})).status, 200)
  hook.resume()
  const { dropped, level } = await hook.logged(/^log lines dropped/)
  t.equal(level, 40)
  t.ok(Number(dropped) > 1_000)
  await refuse(t, url, 8)
  const refusals = () => hook.logs.filter(({ statusCode }) => statusCode === 404).length
  await until(() => refusals() === 4_008 - Number(dropped))
  t.ok(hook.logLength - before < 2 * 1024 * 1024, `${hook.logLength - before} bytes were kept`)
  hook.kill('SIGTERM')
  t.same(await hook.exited(hang), { code: 0, signal: null })
})

t.test('a log that nobody reads does not block the exit: SIGTERM ends each program, and a second one ends it at once', { buffered: true }, async t => {
  const flood = async (hook: Program) => {
    const { hook: url } = await hook.ready()
    hook.pause()
    await refuse(t, url, 400)
  }
  const hook = startHook(t)
  await flood(hook)
  hook.kill('SIGTERM')
  t.same(await hook.exited(hang), { code: 0, signal: null })

  const patient = startHook(t, { SHUTDOWN_DELAY_MS: '600000' })
  const { ops } = await patient.ready()
  await flood(patient)
  patient.kill('SIGTERM')
  await until(async () => (await send(`${ops}/readyz`, {})).status === 503)
  patient.kill('SIGTERM')
  t.same(await patient.exited(hang), { code: 1, signal: null })

  const sink = await startSink(t, () => 400)
  const adapter = new Program('adapter', { ...unceasingly, K_SINK: sink.url }, { t })
  await trigger(adapter)
  await adapter.logged(/^event lost/)
  adapter.pause()
  await sink.nth(600)
  adapter.kill('SIGTERM')
  t.same(await adapter.exited(hang), { code: 0, signal: null })
})

t.test('nor does a log that nobody reads block the exit after a mistake in the settings', { buffered: true }, async t => {
  for (const name of ['hook', 'adapter'] as const) {
    const program = new Program(name, { PORT: 'many', METRICS_PORT: 'many', K_SINK: '' }, { t, isRead: false })
    t.same(await program.exited(hang), { code: 1, signal: null })
  }
})

t.test('a program survives the end of its log\'s reader', { buffered: true }, async t => {
  const hook = startHook(t)
  const { hook: url, ops } = await hook.ready()
  hook.leave()
  for (let index = 0; index < 10; index++) t.equal((await send(`${url}/elsewhere`, {})).status, 404)
  t.equal((await send(`${ops}/healthz`, {})).status, 200)
  hook.kill('SIGTERM')
  t.same(await hook.exited(hang), { code: 0, signal: null })
  t.equal(hook.stderr, '')
})

t.test('a stopped terminal does not block the hook', { buffered: true }, async t => {
  const folder = t.testdir({})
  // In the foreground, for otherwise it passes a signal on twice, and the second one ends the hook at once.
  const command = `timeout --foreground 600 '${process.execPath}' dist/main.js & echo $! > '${folder}/pid'; wait $!; echo $? > '${folder}/code'`
  const env = { ...process.env, RECEIVE_ADAPTER_IMAGE: 'image:1', PORT: '0', OPS_PORT: '0', HOST: '127.0.0.1', SHUTDOWN_DELAY_MS: '0', TERM: 'xterm' }
  const terminal = spawn('script', ['-qec', command, '/dev/null'], { env, stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => terminal.kill('SIGKILL'))
  let output = ''
  terminal.stdout.on('data', data => { output += data })
  const url = () => /Hook listening at (http:[\d./:]+)/.exec(output)?.[1]
  const pid = () => existsSync(`${folder}/pid`) && Number(readFileSync(`${folder}/pid`, 'utf8'))
  await until(() => url() !== undefined && output.includes('Ops listening') && pid())
  terminal.stdout.pause()
  await refuse(t, url() as string, 400)
  process.kill(pid() as number, 'SIGTERM')
  await until(() => existsSync(`${folder}/code`))
  terminal.stdout.resume()
  await until(() => readFileSync(`${folder}/code`, 'utf8') !== '')
  t.equal(readFileSync(`${folder}/code`, 'utf8'), '0\n')
})
