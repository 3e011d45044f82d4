import { randomBytes } from 'node:crypto'
import * as names from '../../src/samplesource/names.js'
import { makeCertificate } from '../certificates.js'
import type { SecretData } from './pod.js'

/** The subject that a caller's certificate needs. */
export interface Credentials {
  ca: string
  client: { cert: string, key: string }
  token: string
}

/**
 * The Secrets that the components need: those that cert-manager creates, and the token that the user must create.
 *
 * @param host name of the hook that Metacontroller calls
 * @param scope runs the cleanup at its end
 */
export function makeSecrets (host: string, scope: { teardown: (undo: () => void) => void }): { secrets: Record<string, SecretData>, credentials: Credentials } {
  const ca = makeCertificate(scope, 'ca', `${names.packageName}-ca`)
  // Without a subject, as cert-manager creates it from manifests/components/tls.
  const server = makeCertificate(scope, 'server', '', ca, host)
  const client = makeCertificate(scope, 'client', 'metacontroller', ca)
  const token = randomBytes(32).toString('hex')
  return {
    secrets: {
      [`${names.packageName}-tls`]: { 'tls.crt': server.cert, 'tls.key': server.key, 'ca.crt': ca.cert },
      [`${names.packageName}-client-tls`]: { 'tls.crt': client.cert, 'tls.key': client.key, 'ca.crt': ca.cert },
      [`${names.packageName}-token`]: { token, 'accepted-tokens': token }
    },
    credentials: { ca: ca.cert, client, token }
  }
}
