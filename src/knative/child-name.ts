import { createHash } from 'node:crypto'

/** The most characters a child's name has. */
const longest = 63

/** What is left of them next to an MD5 hash in hexadecimal. */
const head = longest - 32

/**
 * Makes a name for a child from its parent's name and a suffix, of at most 63 characters: the two together where they
 * fit, else cut, with a hash that keeps the name unique. The same as Knative's `kmeta.ChildName`
 * (https://pkg.go.dev/knative.dev/pkg/kmeta#ChildName), so that names are the ones that Go controllers give.
 *
 * @param parent begins the name
 * @param suffix ends it, as far as it fits
 * @returns the name; it ends in a letter or a digit where it was cut
 */
export function childName (parent: string, suffix: string): string {
  if (parent.length + suffix.length <= longest) return parent + suffix
  if (suffix.length < head) return parent.slice(0, head - suffix.length) + md5(parent) + suffix
  const hashed = parent.slice(0, head) + md5(parent + suffix)
  return (hashed + suffix.slice(0, longest - hashed.length)).replace(/[^a-zA-Z0-9]+$/, '')
}

/** A name needs a hash that spreads, not one that keeps secrets. */
function md5 (text: string): string {
  return createHash('md5').update(text).digest('hex')
}
