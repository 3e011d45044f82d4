import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls'
import type { Logger } from 'pino'
import { parseCertificates } from '../knative/certificates.js'

/** Where Knative mounts the trust bundles of the cluster. */
export const trustBundles = '/knative-custom-certs'

/** Where the roots of the system are, on Debian and thus in our image. */
export const systemRootsFile = '/etc/ssl/certs/ca-certificates.crt'

/**
 * Reads the roots that the system trusts, which are not those that Node brings along.
 *
 * @param file with certificates in PEM format; Go and OpenSSL take `SSL_CERT_FILE` for another one
 * @returns each in PEM format; Node's own where there is no such file
 * @throws when it is there and cannot be read
 */
export function readSystemRoots (file: string): readonly string[] {
  const pem = statSync(file, { throwIfNoEntry: false }) === undefined ? '' : readFileSync(file, 'utf8')
  return parseCertificates(pem) ?? rootCertificates
}

/**
 * Makes a function that tells whom to trust at the moment: the given certificates, and those of every file in a
 * directory. It reads the directory at each call, for the bundles in there are renewed while we run,
 * and gives the same context again as long as they are the same.
 *
 * @param given certificates, each in PEM format
 * @param directory need not be there
 * @param logger gets a warning for each file that is without certificates
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

/** A volume's files are links into a directory of the same volume; they come up twice, which does no harm. */
function listEntries (directory: string, logger: Logger): string[] {
  try {
    if (statSync(directory, { throwIfNoEntry: false }) === undefined) return []
    return readdirSync(directory, { recursive: true, encoding: 'utf8' }).map(name => join(directory, name))
  } catch (err) {
    logger.warn({ path: directory, err }, 'ignoring trust bundles that cannot be read')
    return []
  }
}
