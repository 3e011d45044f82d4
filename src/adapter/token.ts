import { readFileSync, statSync } from 'node:fs'

/** Where Knative mounts the OIDC token of the source. */
export const oidcToken = '/oidc/token'

/**
 * Reads the token from its file. The kubelet replaces it before it expires, so read it for every use.
 *
 * @returns undefined when the file is missing or empty: no token is needed
 * @throws when the file exists and cannot be read
 */
export function readToken (path: string): string | undefined {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined
  return readFileSync(path, 'utf8').trim() || undefined
}
