import { Document, type ScalarTag, type Tags } from 'yaml'

/* YAML that kubectl and every parser of YAML 1.1 and 1.2 read alike. */

/** Text that some parser of YAML 1.1 or 1.2 does not read as a string without quotes. More is quoted than necessary. */
const misread = /^(?:[-+.]*[\d_][\dA-Fa-fxXoO_.:+TtZz -]*|[-+]?\.(?:inf|nan)|true|false|yes|no|on|off|y|n|null|~|=|<<|)$/i

/** Characters that need no escape anywhere, and that can be seen. YAML 1.1 has more line breaks than the line feed, but parsers differ on them. */
const unprintable = /[^\n\x20-\x7e\xa1-\u1fff\u2030-\ud7ff\uf900-\ufdff\ufe70-\ufefe\uff01-\uff5e\u{10000}-\u{10ffff}]|\p{Format}/u

/** White space at the ends of lines, which block scalars do not keep reliably. */
const raggedLines = /^\s|[ \t]$|\n[ \t]|[ \t]\n|\n\n$/

/** Strings and numbers that every parser reads alike. */
function inEveryReader (tags: Tags): Tags {
  return tags.map(tag => {
    if (typeof tag !== 'object' || tag.collection !== undefined) return tag
    const { stringify } = tag
    if (tag.tag === 'tag:yaml.org,2002:str') {
      return { ...tag, stringify: (item, ctx, ...rest) => isEscaped(item.value as string) ? escape(item.value as string) : stringify!(item, ctx, ...rest) } satisfies ScalarTag
    }
    // In YAML 1.1, a number with an exponent needs a point.
    return tag.tag === 'tag:yaml.org,2002:float' || tag.tag === 'tag:yaml.org,2002:int' ? { ...tag, stringify: ({ value }) => String(value).replace(/^(-?\d+)e/, '$1.0e') } satisfies ScalarTag : tag
  }).concat({ tag: 'tag:yaml.org,2002:misread', default: true, test: misread, resolve: String })
}

function isEscaped (text: string): boolean {
  return unprintable.test(text) || (text.includes('\n') && raggedLines.test(text))
}

/** A string in double quotes. Most characters beyond the basic plane are not escaped. */
function escape (text: string): string {
  return JSON.stringify(text.replace(/\p{Surrogate}/gu, '\ufffd')).replace(/[\x7f-\uffff]|\p{Format}/gu, character => {
    const code = character.codePointAt(0)!.toString(16)
    return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`
  })
}

/**
 * Writes a JSON value as a YAML document that kubectl and parsers of YAML 1.1 and 1.2 read as exactly this value. An
 * unpaired surrogate, which is not valid text, becomes U+FFFD.
 */
export function writeYaml (value: unknown): string {
  return new Document(value, { version: '1.2', customTags: inEveryReader, aliasDuplicateObjects: false, keepUndefined: false })
    .toString({ lineWidth: 0 })
}
