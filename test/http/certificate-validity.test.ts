import { X509Certificate } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { validityOf, watchValidity, type Validity } from '../../src/http/certificate-validity.js'
import { makeCertificate } from '../certificates.js'

const day = 24 * 60 * 60 * 1_000
const start = Date.parse('2026-01-01T00:00:00Z')

/** A certificate that is valid for 90 days. */
const certificate: Validity = { use: 'server', subject: 'CN=hook', notBefore: start, notAfter: start + 90 * day }

/** Checks certificates at some times, in days since the start. Returns the warnings with their times. */
function warningsAt (validities: Validity[], days: number[]): Array<[day: number, message: string]> {
  const said: Array<[number, string]> = []
  let now = 0
  const watch = watchValidity(validities, ({ subject }, message) => said.push([now, `${subject} ${message}`]))
  for (now of days) watch(start + now * day)
  return said
}

t.test('the warnings and their times', async t => {
  const hours = Array.from({ length: 95 * 24 }, (_, hour) => hour / 24)
  const said = warningsAt([certificate], hours)
  const expires = 'CN=hook TLS_CERT_FILE: the certificate expires on 2026-04-01T00:00:00.000Z'
  const expired = 'CN=hook TLS_CERT_FILE: the certificate expired on 2026-04-01T00:00:00.000Z'
  t.same(said.map(([day, message]) => [Math.floor(day), message]), [
    ...Array.from({ length: 14 }, (_, index) => [76 + index, expires]),
    ...Array.from({ length: 5 }, (_, index) => [90 + index, expired])
  ], 'from 14 days ahead, daily')
  t.ok(said[0]![0] - 76 < 0.1 && said[14]![0] - 90 < 0.1, 'at the exact time, not a day after the previous warning')
})

t.test('one that is not valid yet', async t => {
  t.same(warningsAt([{ ...certificate, use: 'client_ca' }], [-1.5, -1.1, -0.4, 0]), [
    [-1.5, 'CN=hook TLS_CLIENT_CA_FILE: the certificate is not valid before 2026-01-01T00:00:00.000Z'],
    [-0.4, 'CN=hook TLS_CLIENT_CA_FILE: the certificate is not valid before 2026-01-01T00:00:00.000Z']
  ])
})

t.test('each on its own', async t => {
  const other = { ...certificate, subject: 'CN=ca', notAfter: start + 15 * day }
  t.same(warningsAt([certificate, other], [0, 2, 2.5, 16]).map(([day, message]) => `${day} ${message.slice(0, 5)}`), ['2 CN=ca', '16 CN=ca'])
})

t.test('never the same warning twice in a day, at whatever times it checks', async t => {
  fc.assert(fc.property(fc.array(fc.double({ min: -3, max: 100, noNaN: true })), times => {
    const said = warningsAt([certificate], times.sort((one, other) => one - other))
    return said.every(([day, message], index) => index === 0 || said[index - 1]![1] !== message || day - said[index - 1]![0] > 0.999)
  }))
})

t.test('the subject of a certificate', async t => {
  const subjectOf = (...args: [use: 'ca' | 'server' | 'client', name: string]) => validityOf(new X509Certificate(makeCertificate(t, ...args).cert), 'server').subject
  t.equal(subjectOf('server', 'hook'), 'CN=hook')
  t.equal(subjectOf('server', ''), 'DNS:localhost, IP Address:127.0.0.1, DNS:localhost', 'without a subject, its names')
  t.match(subjectOf('client', ''), /^serial number [0-9A-F]+$/, 'without either')
})
