import { spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import t, { type Test } from 'tap'
import * as names from '../../src/samplesource/names.js'
import { Program } from '../program.js'
import { makeCertificate } from '../certificates.js'

const start = (t: Test, env: Record<string, string>, from: 'dist' | 'build' = 'dist') => new Program('hook', env, { t, from })

t.test('the process serves, and ends cleanly on SIGTERM', async t => {
  const process = start(t, { RECEIVE_ADAPTER_IMAGE: 'image:1' }, 'build')
  const { hook, ops } = await process.ready()
  for (const path of ['/healthz', '/readyz']) {
    const response = await fetch(ops + path)
    t.equal(response.status, 200)
    t.same(await response.json(), { status: 'ok' })
  }
  t.equal((await fetch(`${hook}/healthz`)).status, 404, 'probes have a port of their own')
  process.kill('SIGTERM')
  t.match(await process.ended(), { code: 0, stderr: '' })
  t.match(process.logs.at(-1), { signal: 'SIGTERM', msg: 'stopping' })
})

t.test('a signal before anything is loaded ends the process', async t => {
  const process = new Program('hook', { RECEIVE_ADAPTER_IMAGE: 'image:1', SIGNAL: 'SIGTERM' }, { t, from: 'build', preload: './test/when-it-loads.mjs' })
  t.match(await process.ended(), { code: 0, stderr: '' })
  t.strictSame(process.logs, [])
})

t.test('each mistake in the environment is a line, and the exit code is 1', async t => {
  const process = start(t, { PORT: 'many', RECEIVE_ADAPTER_ARGS: '{}' }, 'build')
  t.match(await process.ended(), { code: 1, stderr: '' })
  t.same(process.logs.map(({ level, msg }) => [level, msg]), [
    [60, 'PORT: expected integer, got "many"'],
    [60, 'RECEIVE_ADAPTER_IMAGE: required'],
    [60, 'RECEIVE_ADAPTER_ARGS: expected a JSON array of strings, got "{}"']
  ])
})

t.test('credentials are read from files; a broken file ends the process with exit code 1', async t => {
  const ca = makeCertificate(t, 'ca', 'ca')
  const server = makeCertificate(t, 'server', 'server', ca)
  const client = makeCertificate(t, 'client', 'client', ca)
  const folder = t.testdir({ 'tls.crt': server.cert, 'tls.key': server.key, 'ca.crt': ca.cert, tokens: 'secret', empty: '' })
  const env = {
    RECEIVE_ADAPTER_IMAGE: 'image:1',
    TLS_CERT_FILE: `${folder}/tls.crt`,
    TLS_KEY_FILE: `${folder}/tls.key`,
    TLS_CLIENT_CA_FILE: `${folder}/ca.crt`,
    AUTH_TOKEN_FILE: `${folder}/tokens`
  }
  const process = start(t, env)
  const { hook, ops } = await process.ready()
  const statusOf = async (options: object) => {
    const sent = request(`${hook}/sync`, { method: 'POST', ca: ca.cert, agent: false, ...options })
    const [response] = await once(sent.end(), 'response') as [IncomingMessage]
    response.resume()
    return response.statusCode
  }
  t.match(hook, /^https:/)
  t.equal(await statusOf({}), 403)
  t.equal(await statusOf({ ...client }), 401)
  t.equal(await statusOf({ ...client, headers: { authorization: 'Bearer secret' } }), 400)
  t.equal((await fetch(`${ops}/readyz`)).status, 200, 'the ops port stays plain, and open')
  t.ok((await (await fetch(`${ops}/metrics`)).text()).includes(`\n${names.metricsPrefix}_hook_authentication_failures_total{reason="certificate"} 1\n`))
  process.kill('SIGTERM')
  t.match(await process.ended(), { code: 0, stderr: '' })

  const broken = start(t, { ...env, AUTH_TOKEN_FILE: `${folder}/empty` }, 'build')
  t.match(await broken.ended(), { code: 1, stderr: '' })
  t.match(broken.logs, [{ level: 60, msg: 'AUTH_TOKEN_FILE: expected one token per line, got none' }])
  t.equal(broken.logs.length, 1)
})

t.test('a port in use ends the process with exit code 1 and the reason', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const process = start(t, { RECEIVE_ADAPTER_IMAGE: 'image:1', PORT: String(port) }, 'build')
  t.match(await process.ended(), { code: 1 })
  t.match(process.logs, [{ level: 60, msg: `PORT: listen EADDRINUSE: address already in use 127.0.0.1:${port}` }])
  t.equal(process.logs.length, 1)
  server.close()
})

t.test('so does an address of another machine', async t => {
  const process = start(t, { RECEIVE_ADAPTER_IMAGE: 'image:1', HOST: '192.0.2.1' })
  t.match(await process.ended(), { code: 1 })
  t.match(process.logs, [{ level: 60, msg: 'HOST: listen EADDRNOTAVAIL: address not available 192.0.2.1' }])
  t.equal(process.logs.length, 1)
})

t.test('a terminal gets readable lines, or JSON if pino-pretty is not installed', async t => {
  t.match(logAtTerminal(), /ESC.*FATAL.*RECEIVE_ADAPTER_IMAGE/)
  t.match(logAtTerminal([], { NO_COLOR: '1' }), /^\[[\d:.]+\] FATAL.*: RECEIVE_ADAPTER_IMAGE/)
  t.match(logAtTerminal(['--import=./test/without-pino-pretty.mjs']), /^{"level":60,.*RECEIVE_ADAPTER_IMAGE/)
})

/** The output of the hook at a terminal if it is started without its image. */
function logAtTerminal (options: string[] = [], variables: Record<string, string> = {}): string {
  const command = [process.execPath, ...options, 'build/src/hook/main.js'].map(word => `'${word}'`).join(' ')
  const env = { ...process.env, RECEIVE_ADAPTER_IMAGE: '', TERM: 'xterm', ...variables }
  return spawnSync('script', ['-qec', command, '/dev/null'], { env, encoding: 'utf8' }).stdout.replaceAll('\u001b', 'ESC')
}
