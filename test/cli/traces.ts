import { readTexts } from '../../src/cli/make-source.js'
import type { SourceNames } from '../../src/cli/source-names.js'

/** Files that name the origin of a source and its owner. */
const allowed = ['LICENSE', 'NOTICE']

/** Characters between two words of a name, as in `air-gauge`, `air\.gauge`, or a comment that continues on the next line. */
const between = '[^a-z0-9]{0,6}'

/**
 * Finds the files of a repository that contain a name of a source, in any spelling, or have one in their path. It knows
 * nothing about how `npm run new-source` replaces names.
 *
 * @param folder of the repository
 * @param old the names to look for
 * @returns a line for each file: its path, and the names in it
 */
export function findTraces (folder: string, old: SourceNames): string[] {
  const ofKind = old.kind.split(/(?=[A-Z])/).join(between)
  const others = [old.group, old.systemNamespace, old.eventType, old.eventSource].map(name => `\\b${name.match(/[a-z0-9]+/gi)!.join(between)}\\b`)
  const pattern = new RegExp([ofKind, ...others].join('|'), 'gi')
  return [...readTexts(folder)]
    .filter(([path]) => !allowed.includes(path))
    .map(([path, text]) => ({ path, found: `${path}\n${text}`.match(pattern) ?? [] }))
    .filter(({ found }) => found.length > 0)
    .map(({ path, found }) => `${path}: ${[...new Set(found)].join(', ')}`)
}
