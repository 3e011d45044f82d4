import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A certificate and its key, in PEM. */
export interface Certificate {
  cert: string
  key: string
}

/** Who makes certificates, and takes what is to be done at the end: a test. */
interface Scope {
  teardown: (end: () => void) => void
}

/** What a certificate is for. */
const extensions = {
  ca: ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign'],
  server: ['basicConstraints=CA:FALSE', 'extendedKeyUsage=serverAuth'],
  client: ['basicConstraints=CA:FALSE', 'extendedKeyUsage=clientAuth']
}

/**
 * Makes a certificate with the real openssl: one signed by a CA, or one that signs itself.
 *
 * @param host that a server has beside those of this machine
 */
export function makeCertificate (t: Scope, use: keyof typeof extensions, name: string, ca?: Certificate, host = 'localhost'): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = (name: string) => join(folder, name)
  const shell = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const wanted = [...extensions[use], ...(use === 'server' ? [`subjectAltName=DNS:localhost,IP:127.0.0.1,${isIP(host) === 0 ? 'DNS' : 'IP'}:${host}`] : [])]
  shell('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
    ...wanted.flatMap(extension => ['-addext', extension]), '-keyout', file('key'), '-out', file('self-signed'))
  if (ca !== undefined) {
    shell('req', '-new', '-key', file('key'), '-subj', `/CN=${name}`, '-out', file('request'))
    writeFiles(folder, { 'ca.crt': ca.cert, 'ca.key': ca.key, extensions: wanted.join('\n') })
    shell('x509', '-req', '-in', file('request'), '-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-days', '2', '-extfile', file('extensions'), '-out', file('signed'))
  }
  return { cert: readFileSync(file(ca === undefined ? 'self-signed' : 'signed'), 'utf8'), key: readFileSync(file('key'), 'utf8') }
}

/** Makes a CA, and a certificate of this machine that it has signed. */
export function makeCertificates (t: Scope): { ca: Certificate, server: Certificate } {
  const ca = makeCertificate(t, 'ca', 'ca')
  return { ca, server: makeCertificate(t, 'server', 'server', ca) }
}

function writeFiles (folder: string, files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
}
