import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import t from 'tap'
import { startSink } from './adapter/sink.js'
import { never, often, trigger } from './adapter/trigger.js'
import { makeCertificate } from './certificates.js'
import { fixtureEnvironment, readFixture } from './fixtures.js'
import { Program } from './program.js'
import { until } from './until.js'

/* Signals during the start, or while an answer is being sent: real processes, real signals. */

// Most of these tests only wait most of the time.
t.jobs = 2

/** Longer than anything here takes, in milliseconds: only a hang reaches it. */
const hang = 60_000

const whenItLoads = './test/when-it-loads.mjs'
/** What both programs need to start. */
const env = { ...fixtureEnvironment(), ...never, K_SINK: 'http://127.0.0.1:1' }
const programs = ['hook', 'adapter'] as const

t.test('a signal before anything is loaded ends the process at once, with exit code 0', { buffered: true }, async t => {
  for (const program of programs) {
    for (const [signal, asFirst] of [['SIGTERM', true], ['SIGINT', false]] as const) {
      const name = `${program}, ${signal}${asFirst ? ' as process 1' : ''}`
      const started = new Program(program, { ...env, SIGNAL: signal, SHUTDOWN_DELAY_MS: '600000' }, { t, preload: whenItLoads, asFirst })
      const lost = started.logged(/^Ops listening|^sending /).then(() => 'it goes on', () => undefined)
      t.same(await Promise.race([started.exited(hang), lost]), { code: 0, signal: null }, name)
      t.equal(started.stderr, '', name)
      t.notOk(started.logs.some(({ msg }) => /^Ops listening|^sending /.test(msg)), `${name}: it has not started its work`)
    }
  }
})

t.test('so does a signal at any time of the start', { buffered: true }, async t => {
  for (const name of programs) {
    for (const delay of [0, 50, 150, 400]) {
      const program = new Program(name, env, { t, preload: whenItLoads, asFirst: true })
      await until(() => program.stderr.includes('loading'))
      await sleep(delay)
      program.kill('SIGTERM')
      t.same(await program.exited(hang), { code: 0, signal: null }, `${name}, ${delay} ms later`)
    }
  }
})

t.test('after a signal during the first event, the event is still delivered', { buffered: true }, async t => {
  const answer = { give: (): void => {} }
  const sink = await startSink(t, () => new Promise(resolve => { answer.give = () => resolve(202) }))
  const program = new Program('adapter', { ...often, K_SINK: sink.url }, { t, asFirst: true })
  await trigger(program)
  await sink.nth(0)
  program.kill('SIGTERM')
  await program.logged(/^stopping$/)
  answer.give()
  t.same(await program.exited(hang), { code: 0, signal: null })
  t.notOk(program.logs.some(({ level }) => level > 30), 'no event is lost')
})

/** A request with an answer of some 8 MB: the children of an invalid source come back unchanged. */
function largeRequest (): string {
  const { request } = readFixture('invalid-spec')
  const child: any = Object.values(request.children['Deployment.apps/v1'])[0]
  const key = 'metacontroller.k8s.io/last-applied-configuration'
  const applied = JSON.parse(child.metadata.annotations[key])
  applied.metadata.annotations = { ballast: '' }
  Object.assign(child.metadata.annotations, { [key]: JSON.stringify(applied), ballast: 'x'.repeat(8_000_000) })
  const body = JSON.stringify(request)
  return `POST /sync HTTP/1.1\r\nHost: hook\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

/** Sends a large request and returns the beginning of its answer, without reading more. */
async function begin (socket: Socket): Promise<Buffer> {
  socket.on('error', () => {}).write(largeRequest())
  await once(socket, 'readable')
  return socket.read() as Buffer
}

/** Reads the rest of an answer slowly. Returns how much of its body is missing. */
async function missing (socket: Socket, beginning: Buffer): Promise<number> {
  const head = beginning.toString('latin1').split('\r\n\r\n', 1)[0] as string
  let rest = head.length + 4 + Number(/^content-length: (\d+)$/im.exec(head)?.[1]) - beginning.length
  while (rest > 0 && !socket.closed) {
    rest -= (socket.read() as Buffer | null)?.length ?? 0
    await sleep(5)
  }
  return rest
}

for (const protocol of ['http', 'https']) {
  t.test(`an answer to a slow reader is finished, ${protocol}`, { buffered: true }, async t => {
    const { cert, key } = makeCertificate(t, 'server', 'server')
    const folder = t.testdir({ 'tls.crt': cert, 'tls.key': key })
    const tls = { TLS_CERT_FILE: `${folder}/tls.crt`, TLS_KEY_FILE: `${folder}/tls.key` }
    const hook = new Program('hook', { ...fixtureEnvironment(), ...(protocol === 'https' && tls) }, { t })
    const port = Number(new URL((await hook.ready()).hook).port)
    const open = () => protocol === 'https' ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false }) : connect({ port, host: '127.0.0.1' })
    const [reader, another, idle] = [open(), open(), open()]
    // A connection that has had an answer and is idle now.
    idle.write('GET / HTTP/1.1\r\nHost: hook\r\n\r\n')
    await once(idle, 'data')
    const beginnings = await Promise.all([reader, another].map(begin))
    hook.kill('SIGTERM')
    await hook.logged(/^stopping$/)
    t.same(await Promise.all([reader, another].map((socket, index) => missing(socket, beginnings[index]!))), [0, 0])
    t.same(await hook.exited(hang), { code: 0, signal: null })
    t.notOk(hook.logs.some(({ level }) => level > 40), 'in time')
    idle.destroy()
  })
}

t.test('a client that never reads its answer does not keep the process running', { buffered: true }, async t => {
  const hook = new Program('hook', fixtureEnvironment(), { t })
  const socket = connect(Number(new URL((await hook.ready()).hook).port), '127.0.0.1')
  t.teardown(() => socket.destroy())
  await begin(socket)
  hook.kill('SIGTERM')
  t.same(await hook.exited(hang), { code: 0, signal: null }, 'it exits normally, without the shutdown timeout')
})
