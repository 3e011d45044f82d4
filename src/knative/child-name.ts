import { createHash } from 'node:crypto'

/** The longest name of a child, in characters. */
const longest = 63

/** What an MD5 hash in hexadecimal leaves of it. */
const head = longest - 32

/**
 * Makes the name of a child from its parent's name and a suffix, at most 63 characters long: both together if they fit,
 * otherwise cut, with a hash that keeps the name unique. The same as Knative's `kmeta.ChildName`
 * (https://pkg.go.dev/knative.dev/pkg/kmeta#ChildName), so names are the same as those of Go controllers.
 *
 * @param parent the beginning of the name
 * @param suffix the end of the name, as far as it fits
 * @returns the name; if it was cut, it ends in a letter or a digit
 */
export function childName (parent: string, suffix: string): string {
  if (parent.length + suffix.length <= longest) return parent + suffix
  if (suffix.length < head) return parent.slice(0, head - suffix.length) + md5(parent) + suffix
  const hashed = parent.slice(0, head) + md5(parent + suffix)
  return (hashed + suffix.slice(0, longest - hashed.length)).replace(/[^a-zA-Z0-9]+$/, '')
}

/** The hash only has to make names differ; it keeps no secret. */
function md5 (text: string): string {
  return createHash('md5').update(text).digest('hex')
}
