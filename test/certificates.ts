import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/** A certificate and its key, in PEM. */
export interface Certificate {
  cert: string
  key: string
}

/** What a certificate is for. */
const extensions = {
  ca: ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign'],
  server: ['basicConstraints=CA:FALSE', 'extendedKeyUsage=serverAuth', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
  client: ['basicConstraints=CA:FALSE', 'extendedKeyUsage=clientAuth']
}

/** Makes a certificate with the real openssl: one signed by a CA, or one that signs itself. */
export function makeCertificate (t: Test, use: keyof typeof extensions, name: string, ca?: Certificate): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = (name: string) => join(folder, name)
  const shell = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  shell('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${name}`,
    ...extensions[use].flatMap(extension => ['-addext', extension]), '-keyout', file('key'), '-out', file('self-signed'))
  if (ca !== undefined) {
    shell('req', '-new', '-key', file('key'), '-subj', `/CN=${name}`, '-out', file('request'))
    writeFiles(folder, { 'ca.crt': ca.cert, 'ca.key': ca.key, extensions: extensions[use].join('\n') })
    shell('x509', '-req', '-in', file('request'), '-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-days', '2', '-extfile', file('extensions'), '-out', file('signed'))
  }
  return { cert: readFileSync(file(ca === undefined ? 'self-signed' : 'signed'), 'utf8'), key: readFileSync(file('key'), 'utf8') }
}

/** Makes a CA, and a certificate of this machine that it has signed. */
export function makeCertificates (t: Test): { ca: Certificate, server: Certificate } {
  const ca = makeCertificate(t, 'ca', 'ca')
  return { ca, server: makeCertificate(t, 'server', 'server', ca) }
}

function writeFiles (folder: string, files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
}
