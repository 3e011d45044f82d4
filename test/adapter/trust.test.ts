import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, createServer, rootCertificates, type SecureContext } from 'node:tls'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { makeTrust, readSystemRoots, systemRootsFile } from '../../src/adapter/trust.js'
import { makeCertificates } from '../certificates.js'
import { makeLog } from './log.js'

const one = makeCertificates(t)

t.test('trusts the given certificates, and the current files of the directory', async t => {
  const directory = join(t.testdir(), 'certs')
  const [given, ...others] = ['given', 'other', 'third'].map(name => makeCertificates(t))
  const [other, third] = others
  if (given === undefined || other === undefined || third === undefined) throw new Error('three were made')
  const { logger, lines } = makeLog()
  const trust = makeTrust([given.ca.cert], directory, logger)

  t.equal(await trusts(given, trust()), true)
  t.equal(await trusts(other, trust()), false, 'no directory')

  mkdirSync(directory)
  t.equal(await trusts(other, trust()), false, 'an empty directory')

  // As the kubelet mounts it: links to a link to a directory.
  mkdirSync(join(directory, '..1'))
  writeFileSync(join(directory, '..1', 'bundle.pem'), `${one.ca.cert}${other.ca.cert}`)
  symlinkSync('..1', join(directory, '..data'))
  symlinkSync('..data/bundle.pem', join(directory, 'bundle.pem'))
  mkdirSync(join(directory, 'nested'))
  writeFileSync(join(directory, 'nested', 'third.crt'), third.ca.cert)
  for (const certificates of [given, one, other, third]) t.equal(await trusts(certificates, trust()), true)
  t.equal(trust(), trust(), 'nothing has changed')

  mkdirSync(join(directory, '..2'))
  writeFileSync(join(directory, '..2', 'bundle.pem'), one.ca.cert)
  symlinkSync('..2', join(directory, '..data_tmp'))
  renameSync(join(directory, '..data_tmp'), join(directory, '..data'))
  rmSync(join(directory, '..1'), { recursive: true })
  t.equal(await trusts(other, trust()), false, 'taken away')
  for (const certificates of [given, one, third]) t.equal(await trusts(certificates, trust()), true)
  t.same(lines, [])
})

t.test('a file that is not a certificate is skipped with a warning', async t => {
  const directory = t.testdir({ 'a.pem': one.ca.cert, 'b.txt': 'b' })
  const { logger, lines } = makeLog()
  t.equal(await trusts(one, makeTrust([], directory, logger)()), true)
  t.match(lines, [{ level: 40, path: join(directory, 'b.txt'), msg: 'ignoring a trust bundle without certificates in PEM format' }])
  t.equal(lines.length, 1)
})

t.test('a link to itself is skipped with a warning; a dangling link counts as no file', async t => {
  const { logger, lines } = makeLog()
  const directory = t.testdir({ 'a.pem': one.ca.cert })
  symlinkSync('loop', join(directory, 'loop'))
  symlinkSync('nowhere', join(directory, 'dangling'))
  t.equal(await trusts(one, makeTrust([], directory, logger)()), true)
  t.match(lines, [{ level: 40, path: join(directory, 'loop'), err: { code: 'ELOOP' }, msg: 'ignoring a trust bundle that cannot be read' }])
  t.equal(lines.length, 1)
})

t.test('bundles outside of a directory are skipped with a warning', async t => {
  const { logger, lines } = makeLog()
  const file = join(t.testdir({ certs: one.ca.cert }), 'certs')
  t.equal(await trusts(one, makeTrust([one.ca.cert], file, logger)()), true, 'what is given is trusted all the same')
  t.match(lines, [{ level: 40, path: file, err: { code: 'ENOTDIR' }, msg: 'ignoring trust bundles that cannot be read' }])
  t.equal(lines.length, 1)
})

t.test('the CAs of the system are those of its file, or Node\'s', async t => {
  const directory = t.testdir({ 'ca-certificates.crt': `${one.ca.cert}${one.server.cert}`, 'empty.crt': '' })
  t.same(readSystemRoots(join(directory, 'ca-certificates.crt')), [one.ca.cert.trim(), one.server.cert.trim()])
  t.equal(readSystemRoots(join(directory, 'empty.crt')), rootCertificates)
  t.equal(readSystemRoots(join(directory, 'missing.crt')), rootCertificates)
  t.throws(() => readSystemRoots(directory), { code: 'EISDIR' })
  t.ok(readSystemRoots(systemRootsFile).length > 0, 'as they are here')
})

/** Whether a TLS client with a context accepts a server with a certificate. */
async function trusts ({ server: { key, cert } }: ReturnType<typeof makeCertificates>, secureContext: SecureContext): Promise<boolean> {
  const server = createServer({ key, cert }, socket => socket.on('error', () => {}).end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, secureContext })
  try {
    await once(client, 'secureConnect')
    return true
  } catch {
    return false
  } finally {
    client.destroy()
    server.close()
  }
}
