import { readFileSync, statSync } from 'node:fs'

/** Where Knative mounts the token of the source's OIDC identity. */
export const oidcToken = '/oidc/token'

/**
 * Reads a token from its file. The kubelet puts a new one there before the old one expires: read it whenever it is
 * needed.
 *
 * @returns undefined when there is no such file, or nothing in it: nobody asks for a token
 * @throws when it is there and cannot be read
 */
export function readToken (path: string): string | undefined {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined
  return readFileSync(path, 'utf8').trim() || undefined
}
