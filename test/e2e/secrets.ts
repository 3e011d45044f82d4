import { randomBytes } from 'node:crypto'
import * as names from '../../src/samplesource/names.js'
import { makeCertificate } from '../certificates.js'
import type { SecretData } from './pod.js'

/** Whom a stranger has to pretend to be. */
export interface Credentials {
  ca: string
  client: { cert: string, key: string }
  token: string
}

/**
 * The Secrets that the components need: what cert-manager makes, and the token that is the user's to make.
 *
 * @param host by which Metacontroller calls the hook
 * @param scope takes what is to be done in the end
 */
export function makeSecrets (host: string, scope: { teardown: (undo: () => void) => void }): { secrets: Record<string, SecretData>, credentials: Credentials } {
  const ca = makeCertificate(scope, 'ca', `${names.packageName}-ca`)
  // Without a subject, as cert-manager makes it of manifests/components/tls.
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
