import t from 'tap'
import { beginsWithCertificate, parseCertificates } from '../../src/knative/certificates.js'
import { makeCertificates } from '../certificates.js'

const one = makeCertificates(t)

t.test('the certificates of a PEM text', async t => {
  const [ca, server] = [one.ca.cert.trim(), one.server.cert.trim()]
  t.same(parseCertificates(one.ca.cert), [ca])
  t.same(parseCertificates(`# the CA\n${ca}\n# and a key\n${one.server.key}${server}`), [ca, server])
  const broken = ca.replace(/\n.{30}/, `\n${'A'.repeat(30)}`)
  t.same(parseCertificates(`${broken}\n${server}`), [server], 'one that cannot be read is passed over')
  for (const pem of ['', 'certificate', broken, one.server.key]) t.equal(parseCertificates(pem), undefined)
})

t.test('whether it begins with one', async t => {
  for (const pem of [one.ca.cert, `# the CA\n${one.ca.cert}${one.server.key}`]) t.equal(beginsWithCertificate(pem), true)
  for (const pem of ['', 'certificate', `${one.server.key}${one.ca.cert}`, one.ca.cert.slice(0, 100)]) t.equal(beginsWithCertificate(pem), false)
})
