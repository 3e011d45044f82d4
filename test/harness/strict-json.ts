import { isObject } from '../../src/kubernetes/object.js'

/*
 * What Metacontroller's strict decoding finds in an answer and JSON.parse does not: duplicate keys.
 */

/**
 * Finds unknown top-level keys, and duplicate keys.
 *
 * @param text a JSON object
 * @param known top-level keys
 * @param deep top-level keys whose whole value is searched; Go decodes the others in another way
 */
export function strictProblems (text: string, known: string[], deep: string[]): string[] {
  const problems: string[] = []
  for (const path of duplicateKeys(text)) {
    if (path.length === 1 || deep.includes(path[0] as string)) problems.push(`duplicate field "${path.join('.')}"`)
  }
  const answer: unknown = JSON.parse(text)
  for (const key of isObject(answer) ? Object.keys(answer) : []) {
    if (!known.includes(key)) problems.push(`unknown field "${key}"`)
  }
  return problems
}

/** The paths of duplicate keys in an object. */
function duplicateKeys (text: string): string[][] {
  const duplicates: string[][] = []
  const open: Array<{ keys?: Set<string>, key: string }> = []
  let isKey = false
  let textStart: number | undefined
  // The ends of strings, and the characters of JSON's structure. A whole string may be too long for a pattern.
  for (const { 0: token, index } of text.matchAll(/\\.|["{}[\],:]/g)) {
    if (textStart !== undefined && token !== '"') continue
    const top = open.at(-1)
    switch (token) {
      case '{':
        open.push({ keys: new Set(), key: '' })
        isKey = true
        break
      case '[':
        open.push({ key: '' })
        isKey = false
        break
      case '}':
      case ']':
        open.pop()
        isKey = false
        break
      case ',':
        isKey = top?.keys !== undefined
        break
      case ':':
        isKey = false
        break
      default: {
        const start = textStart
        textStart = start === undefined ? index : undefined
        if (start === undefined || !isKey || top?.keys === undefined) break
        top.key = JSON.parse(text.slice(start, index + 1)) as string
        if (top.keys.has(top.key)) duplicates.push(open.filter(({ keys }) => keys !== undefined).map(({ key }) => key))
        top.keys.add(top.key)
      }
    }
  }
  return duplicates
}
