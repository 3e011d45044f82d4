import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectPlain, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { connect, type ConnectionOptions } from 'node:tls'
import t, { type Test } from 'tap'
import { TlsFiles } from '../src/http/tls.js'
import { makeCertificate, type Certificate } from './certificates.js'
import { makeLog, startHook } from './http/hook.js'
import { MountedSecret } from './http/mounted-secret.js'
import { until } from './until.js'

/* TLS that fails or soon will: expired certificates, and callers that cannot or will not complete a handshake. */

const day = 24 * 60 * 60 * 1_000
const now = Date.now()
/** A time in whole seconds, as in certificates. */
const at = (milliseconds: number) => new Date(Math.floor(milliseconds / 1_000) * 1_000)

const ca = makeCertificate(t, 'ca', 'ca')
const good = makeCertificate(t, 'server', 'good', ca)
const times: Record<'expired' | 'soon' | 'future', { from: Date, to: Date }> = {
  expired: { from: at(now - 4000 * day), to: at(now - 2000 * day) },
  soon: { from: at(now - day), to: at(now + 13 * day) },
  future: { from: at(now + day), to: at(now + 60 * day) }
}

const filesOf = ({ cert, key }: Certificate, clientCas: string) => ({ 'tls.crt': cert, 'tls.key': key, 'ca.crt': clientCas })

/** A hook with TLS from a mounted Secret, and its whole log. */
async function startTlsHook (t: Test, certificate: Certificate, clientCas = ca.cert) {
  const secret = new MountedSecret(t, filesOf(certificate, clientCas))
  const { logger, lines } = makeLog('info')
  const tls = new TlsFiles({ certFile: secret.path('tls.crt'), keyFile: secret.path('tls.key'), clientCaFile: secret.path('ca.crt') }, logger)
  const { url, metrics } = await startHook(t, { tls, logger })
  const gauge = async () => Object.fromEntries((await metrics.certificateExpiration.get()).values.map(({ labels, value }) => [labels.use, value]))
  const failures = async (): Promise<Record<string, number>> => Object.fromEntries((await metrics.handshakeFailures.get()).values.map(({ labels, value }) => [labels.reason, value]))
  return {
    port: Number(new URL(url).port),
    warnings: () => lines.filter(({ level }) => level >= 40).map(({ level, msg, subject }) => `${level} ${subject as string} ${msg}`),
    lines,
    gauge,
    failures,
    rotate: async (certificate: Certificate, clientCas = ca.cert) => {
      const taken = () => lines.filter(({ msg }) => msg.endsWith(': reloaded')).length
      const before = taken()
      secret.write(filesOf(certificate, clientCas))
      await until(() => taken() > before)
    }
  }
}

t.test('at the start, the hook warns of certificates that are not valid or soon will not be', async t => {
  const messages = {
    expired: `expired on ${times.expired.to.toISOString()}`,
    soon: `expires on ${times.soon.to.toISOString()}`,
    future: `is not valid before ${times.future.from.toISOString()}`
  }
  for (const [name, validity] of Object.entries(times)) {
    const certificate = makeCertificate(t, 'server', name, ca, 'localhost', validity)
    const { warnings, gauge, port } = await startTlsHook(t, certificate)
    t.strictSame(warnings(), [`40 CN=${name} TLS_CERT_FILE: the certificate ${messages[name as keyof typeof messages]}`])
    t.equal((await gauge()).server, validity.to.getTime() / 1_000, 'in seconds since the epoch')
    const socket = connect({ port, host: 'localhost', rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    socket.destroy()
  }
})

t.test('and when a certificate is rotated; the first in the chain to expire counts', async t => {
  const expired = makeCertificate(t, 'server', 'expired', ca, 'localhost', times.expired)
  const { warnings, gauge, rotate } = await startTlsHook(t, good)
  t.strictSame(warnings(), [])
  t.ok((await gauge()).server as number > (now + 59 * day) / 1_000)
  await rotate(expired)
  t.strictSame(warnings(), [`40 CN=expired TLS_CERT_FILE: the certificate expired on ${times.expired.to.toISOString()}`])
  t.equal((await gauge()).server, times.expired.to.getTime() / 1_000)

  const intermediate = makeCertificate(t, 'ca', 'intermediate', ca, 'localhost', times.soon)
  const leaf = makeCertificate(t, 'server', 'leaf', intermediate)
  await rotate({ ...leaf, cert: leaf.cert + intermediate.cert })
  t.strictSame(warnings().slice(1), [`40 CN=intermediate TLS_CERT_FILE: the certificate expires on ${times.soon.to.toISOString()}`])
  t.equal((await gauge()).server, times.soon.to.getTime() / 1_000)
  await rotate(good)
  t.equal(warnings().length, 2)
  t.ok((await gauge()).server as number > (now + 59 * day) / 1_000)
})

t.test('it also warns of the CAs of clients', async t => {
  const old = makeCertificate(t, 'ca', 'old', undefined, 'localhost', times.expired)
  const { warnings, gauge, rotate } = await startTlsHook(t, good, ca.cert + old.cert)
  t.strictSame(warnings(), [`40 CN=old TLS_CLIENT_CA_FILE: the certificate expired on ${times.expired.to.toISOString()}`])
  t.equal((await gauge()).client_ca, times.expired.to.getTime() / 1_000)
  await rotate(good)
  t.ok((await gauge()).client_ca as number > (now + 59 * day) / 1_000)
  t.equal(warnings().length, 1)
})

t.test('and while it runs, 14 days before the end', async t => {
  const begin = at(Date.now() + 5_000).getTime()
  const certificate = makeCertificate(t, 'server', 'aging', ca, 'localhost', { to: new Date(begin + 14 * day) })
  const { warnings, lines } = await startTlsHook(t, certificate)
  await until(() => lines.some(({ msg }) => msg.includes('expires on')))
  t.ok(Date.now() >= begin)
  t.strictSame(warnings(), [`40 CN=aging TLS_CERT_FILE: the certificate expires on ${new Date(begin + 14 * day).toISOString()}`])
})

/** Sends bytes over plain TCP, and waits until the server ends the connection. */
async function send (port: number, bytes: string | Buffer, then: (socket: Socket) => void = () => {}): Promise<void> {
  const socket = connectPlain(port, '127.0.0.1').on('error', () => {})
  await once(socket, 'connect')
  socket.resume().write(bytes, () => then(socket))
  await until(() => socket.closed)
}

/** Attempts a handshake that fails. */
async function shake (port: number, options: ConnectionOptions): Promise<void> {
  const socket = connect({ port, host: 'localhost', ca: ca.cert, ...options })
  await new Promise(resolve => socket.once('error', resolve).once('secureConnect', resolve))
  socket.destroy()
}

/** The first bytes of a client. */
async function hello (): Promise<Buffer> {
  return await new Promise(resolve => {
    connect({ socket: new Duplex({ read () {}, write: chunk => resolve(chunk) }), maxVersion: 'TLSv1.2' })
  })
}

/** Calls with a client that sends an alert before it hangs up, as Go's does. Node's sends none. */
async function reject (t: Test, port: number, version: string): Promise<void> {
  const folder = t.testdir({ 'other.crt': makeCertificate(t, 'ca', 'other').cert })
  const curl = spawn('curl', ['--silent', '--tls-max', version, '--cacert', `${folder}/other.crt`, `https://localhost:${port}/sync`], { stdio: 'ignore' })
  t.strictSame(await once(curl, 'exit'), [60, null], 'the certificate is not one that curl trusts')
}

t.test('failed handshakes are counted by reason, and logged rarely', async t => {
  const { port, failures, lines, warnings } = await startTlsHook(t, good)
  const none = { plain_http: 0, certificate_rejected: 0, client_alert: 0, incompatible: 0, not_tls: 0, timeout: 0, connection_closed: 0, other: 0 }
  t.strictSame(await failures(), none)

  await send(port, 'GET /sync HTTP/1.1\r\nHost: hook\r\n\r\n')
  await until(() => warnings().length === 1)
  const first = performance.now()
  t.match(lines.at(-1), { level: 40, failures: { plain_http: 1 }, last: { code: 'ERR_SSL_HTTP_REQUEST', caller: '127.0.0.1' }, msg: 'TLS handshakes failed' })

  await send(port, 'POST /sync HTTP/1.1\r\nHost: hook\r\n\r\n')
  await send(port, 'SSH-2.0-OpenSSH_9.9\r\n')
  await send(port, Buffer.alloc(100))
  await shake(port, { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' })
  await shake(port, { maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' })
  await reject(t, port, '1.2')
  await reject(t, port, '1.3')
  await send(port, Buffer.from([0x16, 3]), socket => socket.end())
  await send(port, Buffer.from([0x16, 3]), socket => socket.resetAndDestroy())
  // After its hello, a fatal alert: internal_error.
  await send(port, Buffer.concat([await hello(), Buffer.from([0x15, 3, 3, 0, 2, 2, 80])]))
  await send(port, '')
  const expected = { ...none, plain_http: 2, not_tls: 2, incompatible: 2, certificate_rejected: 2, connection_closed: 2, client_alert: 1, timeout: 1 }
  await until(async () => Object.values(await failures()).reduce((sum, count) => sum + count, 0) === 12)
  t.strictSame(await failures(), expected)

  // All that are not logged yet come in one line.
  const told = () => lines.flatMap(({ failures }) => Object.values((failures ?? {}) as Record<string, number>)).reduce((sum, count) => sum + count, 0)
  await until(() => told() === 12)
  const took = performance.now() - first
  t.ok(warnings().length >= 2 && warnings().length <= 2 + took / 10_000, `${warnings().length} lines in ${took} ms`)
  t.match(lines.at(-1), { last: { code: /^E/ } })
})

t.test('a caller that completed the handshake is not counted', async t => {
  const { port, failures, warnings } = await startTlsHook(t, good)
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    const socket = connect({ port, host: 'localhost', ca: ca.cert, maxVersion })
    await once(socket, 'secureConnect')
    socket.write('nothing that is HTTP\r\n\r\n')
    socket.resume()
    await once(socket, 'close')
  }
  t.strictSame(Object.values(await failures()).filter(count => count > 0), [])
  t.strictSame(warnings(), [])
})
