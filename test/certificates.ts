import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { makeFolder } from './folder.js'

/** A certificate and its key, in PEM. */
export interface Certificate {
  cert: string
  key: string
}

/** The part of a test that runs something at its end. */
interface Scope {
  teardown: (end: () => void) => void
}

/** What a certificate is for. */
const extensions = {
  ca: ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign'],
  server: ['basicConstraints=CA:FALSE', 'extendedKeyUsage=serverAuth'],
  client: ['basicConstraints=CA:FALSE', 'extendedKeyUsage=clientAuth']
}

/** The validity period of a certificate. */
interface Validity {
  from?: Date
  to?: Date
}

/** The configuration for `openssl ca`, the only command of openssl that accepts dates in every version. */
const caConfig = `
[ca]
default_ca = own
[own]
database = index
rand_serial = yes
default_md = sha256
policy = any
[any]
commonName = optional
`

/** A date in the format of openssl: `YYYYMMDDHHMMSSZ`. */
const asn1Time = (date: Date) => `${date.toISOString().slice(0, 19).replace(/[-T:]/g, '')}Z`

const inDays = (days: number) => new Date(Date.now() + days * 24 * 60 * 60 * 1_000)

/**
 * Makes a certificate with the real openssl: signed by a CA, or self-signed.
 *
 * @param name the common name; without it the certificate has no subject, as with cert-manager
 * @param host name of a server, besides those of this machine
 * @param validity by default 60 days, starting yesterday
 */
export function makeCertificate (t: Scope, use: keyof typeof extensions, name: string, ca?: Certificate, host = 'localhost', { from = inDays(-1), to = inDays(60) }: Validity = {}): Certificate {
  const folder = makeFolder(t, 'certificate')
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const wanted = [...extensions[use], ...(use === 'server' ? [`subjectAltName=DNS:localhost,IP:127.0.0.1,${isIP(host) === 0 ? 'DNS' : 'IP'}:${host}`] : [])]
  writeFiles(folder, { extensions: wanted.join('\n'), config: caConfig, index: '', ...(ca !== undefined && { 'ca.crt': ca.cert, 'ca.key': ca.key }) })
  openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', name === '' ? '/' : `/CN=${name}`, '-keyout', 'key', '-out', 'request')
  openssl('ca', '-batch', '-notext', '-config', 'config', '-in', 'request', '-extfile', 'extensions', '-startdate', asn1Time(from), '-enddate', asn1Time(to), '-outdir', '.', '-out', 'cert',
    ...(ca === undefined ? ['-selfsign', '-keyfile', 'key'] : ['-cert', 'ca.crt', '-keyfile', 'ca.key']))
  return { cert: readFileSync(join(folder, 'cert'), 'utf8'), key: readFileSync(join(folder, 'key'), 'utf8') }
}

/** Makes a CA, and a certificate of this machine that the CA signed. */
export function makeCertificates (t: Scope): { ca: Certificate, server: Certificate } {
  const ca = makeCertificate(t, 'ca', 'ca')
  return { ca, server: makeCertificate(t, 'server', 'server', ca) }
}

function writeFiles (folder: string, files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
}
