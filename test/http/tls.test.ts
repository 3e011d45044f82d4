import { once } from 'node:events'
import { Agent, request, type RequestOptions } from 'node:https'
import { text } from 'node:stream/consumers'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import type { IncomingMessage } from 'node:http'
import t, { type Test } from 'tap'
import { TlsFiles } from '../../src/http/tls.js'
import { readRequest } from '../widget/widget.js'
import { until } from '../until.js'
import { makeCertificate } from '../certificates.js'
import { makeLog, startHook } from './hook.js'
import { MountedSecret } from './mounted-secret.js'

const body = JSON.stringify(readRequest('ready'))
const ca = makeCertificate(t, 'ca', 'ca')
const server = makeCertificate(t, 'server', 'server', ca)
const client = makeCertificate(t, 'client', 'metacontroller', ca)

/** A hook with TLS from a mounted Secret. */
async function startTlsHook (t: Test, { clientCa = '', certificate = server } = {}) {
  const filesOf = ({ cert, key }: typeof server, clientCa: string) => ({ 'tls.crt': cert, 'tls.key': key, 'ca.crt': clientCa })
  const secret = new MountedSecret(t, filesOf(certificate, clientCa))
  const { logger, lines } = makeLog()
  const tls = new TlsFiles({
    certFile: secret.path('tls.crt'),
    keyFile: secret.path('tls.key'),
    clientCaFile: clientCa === '' ? undefined : secret.path('ca.crt')
  }, logger)
  const hook = await startHook(t, { tls })
  return {
    ...hook,
    port: Number(new URL(hook.url).port),
    /** The log lines about the files. */
    log: lines,
    rotate: (certificate: typeof server, clientCa = '') => secret.write(filesOf(certificate, clientCa))
  }
}

/** Posts like a Go client that trusts the CA. */
async function post (port: number, options: RequestOptions & ConnectionOptions = {}) {
  const sent = request({ host: 'localhost', port, path: '/sync', method: 'POST', ca: ca.cert, agent: false, headers: { 'content-type': 'application/json' }, ...options })
  sent.end(body)
  const [response] = await once(sent, 'response') as [IncomingMessage]
  const socket = response.socket as TLSSocket
  return { status: response.statusCode, body: await text(response), socket, subject: socket.getPeerX509Certificate()?.subject }
}

/** Opens a connection and closes it after the handshake. */
async function handshake (port: number, options: ConnectionOptions) {
  const socket = connect({ host: 'localhost', port, ca: ca.cert, ...options })
  try {
    await once(socket, 'secureConnect')
    return socket.getProtocol()
  } finally {
    socket.destroy()
  }
}

t.test('TLS 1.2 and up', async t => {
  const { port } = await startTlsHook(t)
  t.equal((await post(port)).status, 200)
  t.equal(await handshake(port, { maxVersion: 'TLSv1.2' }), 'TLSv1.2')
  t.equal(await handshake(port, {}), 'TLSv1.3')
  await t.rejects(handshake(port, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }), { message: /protocol version/ })
  await t.rejects(fetch(`http://localhost:${port}/sync`, { method: 'POST' }), 'no plain HTTP')
})

t.test('a certificate with names and no subject, as cert-manager makes it', async t => {
  const { port } = await startTlsHook(t, { certificate: makeCertificate(t, 'server', '', ca) })
  t.match(await post(port), { status: 200, subject: undefined })
})

t.test('a client that half-closes after the request gets an answer', async t => {
  const { port } = await startTlsHook(t)
  // So large that it must wait.
  const large = body + ' '.repeat(100_000)
  const answers = await Promise.all([1, 2].map(async () => {
    const socket = connect({ host: 'localhost', port, ca: ca.cert })
    socket.end(`POST /sync HTTP/1.1\r\nHost: hook\r\nContent-Type: application/json\r\nContent-Length: ${large.length}\r\n\r\n${large}`)
    return await text(socket)
  }))
  for (const answer of answers) t.match(answer, /^HTTP\/1.1 200 OK/)
})

t.test('without a certificate of the client CA: 403 without detail', async t => {
  const { port, metrics, lines } = await startTlsHook(t, { clientCa: ca.cert })
  const otherCa = makeCertificate(t, 'ca', 'ca')
  const strangers: Array<[name: string, certificate: object, cause: string]> = [
    ['none', {}, 'no certificate'],
    ['from another CA of the same name', makeCertificate(t, 'client', 'metacontroller', otherCa), 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['that signs itself', makeCertificate(t, 'client', 'metacontroller'), 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['that is for servers', server, 'INVALID_PURPOSE']
  ]
  for (const [name, certificate] of strangers) {
    const { status, body } = await post(port, certificate)
    t.same({ status, body }, { status: 403, body: '{"error":"forbidden"}' }, name)
  }
  t.match(await metrics.authenticationFailures.get(), { values: [{ value: 0, labels: { reason: 'token' } }, { value: 4, labels: { reason: 'certificate' } }] })
  t.match(lines.filter(({ level }) => level > 20), strangers.map(([,, cause]) => ({ level: 40, statusCode: 403, cause })), 'only the log has the cause')
  t.equal((await post(port, client)).status, 200)
})

/** Opens a connection and closes it again, for a session that can be resumed. */
async function sessionOf (port: number, options: ConnectionOptions): Promise<Buffer> {
  const socket = connect({ host: 'localhost', port, ca: ca.cert, ...options })
  const session = once(socket, 'session')
  socket.write('GET / HTTP/1.1\r\nHost: hook\r\n\r\n')
  const [ticket] = await session as [Buffer]
  socket.destroy()
  return ticket
}

t.test('a resumed session is only as valid as its certificate', async t => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { port, log, rotate } = await startTlsHook(t, { clientCa: ca.cert })
    const without = await post(port, { session: await sessionOf(port, { maxVersion }), maxVersion })
    t.equal(without.socket.isSessionReused(), true)
    t.equal(without.status, 403, `none, ${maxVersion}`)

    const session = await sessionOf(port, { maxVersion, ...client })
    t.equal((await post(port, { session, maxVersion })).status, 200)
    rotate(server, makeCertificate(t, 'ca', 'next').cert)
    await until(() => log.length === 1)
    t.equal((await post(port, { session, maxVersion })).status, 403, `of a CA that is gone, ${maxVersion}`)
  }
})

t.test('new files are loaded, and existing connections stay', async t => {
  const { port, log, rotate } = await startTlsHook(t)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const before = await post(port, { agent })
  const next = makeCertificate(t, 'server', 'next', ca)
  rotate(next)
  await until(() => log.length === 1)
  t.match(log, [{ level: 30, msg: 'TLS_CERT_FILE, TLS_KEY_FILE: reloaded', subjectAltName: 'DNS:localhost, IP Address:127.0.0.1', validTo: / GMT$/ }])
  t.equal((await post(port)).subject, 'CN=next')
  const after = await post(port, { agent })
  t.equal(after.status, 200)
  t.equal(after.socket, before.socket)
})

t.test('a new client CA applies to new connections', async t => {
  const { port, log, rotate } = await startTlsHook(t, { clientCa: ca.cert })
  const nextCa = makeCertificate(t, 'ca', 'next')
  const nextClient = makeCertificate(t, 'client', 'metacontroller', nextCa)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  t.equal((await post(port, { agent, ...client })).status, 200)
  rotate(server, ca.cert + nextCa.cert)
  await until(() => log.length === 1)
  t.equal((await post(port, client)).status, 200)
  t.equal((await post(port, nextClient)).status, 200)
  rotate(server, nextCa.cert)
  await until(() => log.length === 2)
  t.equal((await post(port, client)).status, 403)
  t.equal((await post(port, nextClient)).status, 200)
  t.equal((await post(port, { agent, ...client })).status, 200, 'the existing connection')
})

t.test('broken files are logged once, and the old ones stay', async t => {
  const { port, log, rotate } = await startTlsHook(t, { clientCa: ca.cert })
  const next = makeCertificate(t, 'server', 'next', ca)
  const broken: Array<[typeof server, string, RegExp]> = [
    [{ cert: next.cert, key: server.key }, ca.cert, /: the private key does not match the certificate$/],
    [{ cert: 'broken', key: server.key }, ca.cert, /: certificate: expected PEM certificates, got none$/],
    [{ cert: server.cert, key: '' }, ca.cert, /: private key: ./],
    [server, 'broken', /: client CAs: expected PEM certificates, got none$/],
    [server, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', /: client CAs: ./]
  ]
  for (const [index, [certificate, clientCa, message]] of broken.entries()) {
    rotate(certificate, clientCa)
    await until(() => log.length === index + 1)
    t.match(log[index], { level: 50, msg: /^TLS_CERT_FILE, TLS_KEY_FILE, TLS_CLIENT_CA_FILE: not reloaded, the previous one stays in use: / })
    t.match(log[index], { msg: message })
    t.equal((await post(port, client)).subject, 'CN=server')
  }
  await new Promise(resolve => setTimeout(resolve, 2_500))
  t.equal(log.length, broken.length, 'not again while the files stay the same')
  rotate(next, ca.cert)
  await until(() => log.length === broken.length + 1)
  t.equal((await post(port, client)).subject, 'CN=next')
})

t.test('files that cannot be used from the start', async t => {
  const { logger } = makeLog()
  t.throws(() => new TlsFiles({ certFile: '/nowhere', keyFile: '/nowhere' }, logger), { message: /^TLS_CERT_FILE, TLS_KEY_FILE: ENOENT/ })
})
