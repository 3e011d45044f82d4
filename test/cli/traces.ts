import { readTexts } from '../../src/cli/make-source.js'
import type { SourceNames } from '../../src/cli/source-names.js'

/** These say where a source comes from, and whose that is. */
const allowed = ['LICENSE', 'NOTICE']

/** What may be between two words of a name, as in `air-gauge`, `air\.gauge`, or in a comment that goes on in the next line. */
const between = '[^a-z0-9]{0,6}'

/**
 * Finds the files of a repository that say a name of a source, in whatever spelling, or have one in their path. It knows
 * nothing of how `npm run new-source` replaces names.
 *
 * @param folder of the repository
 * @param old the names that are looked for
 * @returns a line for each file: its path, and what it says
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
