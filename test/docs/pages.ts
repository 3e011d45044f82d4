import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Folders with third-party or generated pages. */
const passedOver = ['node_modules', 'build', 'dist', '.git', '.tap']

/** The Markdown files of a folder, by their paths in it, with their contents. */
export function readPages (folder = '.', path = ''): Map<string, string> {
  return new Map(readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry): Array<[string, string]> => {
    const inside = join(path, entry.name)
    if (entry.isDirectory()) return passedOver.includes(entry.name) ? [] : [...readPages(folder, inside)]
    return entry.name.endsWith('.md') ? [[inside, readFileSync(join(folder, inside), 'utf8')]] : []
  }))
}
