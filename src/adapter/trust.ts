import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import type { Logger } from 'pino'
import { parseCertificates } from '../knative/certificates.js'

/** Where Knative mounts the trust bundles of the cluster. */
export const trustBundles = '/knative-custom-certs'

/** Root certificates of the system, on Debian and thus in our image. */
export const systemRootsFile = '/etc/ssl/certs/ca-certificates.crt'

/**
 * Reads the root certificates that the system trusts; Node brings others.
 *
 * @param file with certificates in PEM format; `SSL_CERT_FILE` names another one, as for Go and OpenSSL
 * @returns each in PEM format; Node's own if there is no such file
 * @throws when the file exists and cannot be read
 */
export function readSystemRoots (file: string): readonly string[] {
  const pem = statSync(file, { throwIfNoEntry: false }) === undefined ? '' : readFileSync(file, 'utf8')
  return parseCertificates(pem) ?? rootCertificates
}

/**
 * Makes a function that returns the TLS context to trust now: the given certificates, and those of every file in a
 * directory. It reads the directory at each call, because the bundles are renewed at run time, and returns the same
 * context as long as they are the same.
 *
 * @param given certificates, each in PEM format
 * @param directory may be missing
 * @param logger gets a warning for each file without certificates
 */
export function makeTrust (given: string[], directory: string, logger: Logger): () => SecureContext {
  let known: { text: string, context: SecureContext } | undefined
  return () => {
    const ca = [...new Set([...given, ...readCertificates(directory, logger)])]
    const text = ca.join()
    if (known?.text !== text) known = { text, context: createSecureContext({ ca }) }
    return known.context
  }
}

function readCertificates (directory: string, logger: Logger): string[] {
  return listEntries(directory, logger).flatMap(path => {
    try {
      if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return []
      const certificates = parseCertificates(readFileSync(path, 'utf8'))
      if (certificates !== undefined) return certificates
      logger.warn({ path }, 'ignoring a trust bundle without certificates in PEM format')
    } catch (err) {
      logger.warn({ path, err }, 'ignoring a trust bundle that cannot be read')
    }
    return []
  })
}

/** The files of a volume are links into a directory of it; reading them twice does no harm. */
function listEntries (directory: string, logger: Logger): string[] {
  try {
    if (statSync(directory, { throwIfNoEntry: false }) === undefined) return []
    return readdirSync(directory, { recursive: true, encoding: 'utf8' }).map(name => join(directory, name))
  } catch (err) {
    logger.warn({ path: directory, err }, 'ignoring trust bundles that cannot be read')
    return []
  }
}
