import { CST, Lexer } from 'yaml'

/*
 * What go-yaml 2, with which kubectl reads, refuses or takes for something else than the parser used here:
 * https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go
 * Before that, kubectl divides a file into documents:
 * https://github.com/kubernetes/apimachinery/blob/v0.34.0/pkg/util/yaml/decoder.go
 */

/** A place in a YAML text. */
export interface Difference {
  problem: string
  /** In characters. */
  offset: number
}

/** The type of a token; that of a scalar without quotes is `plain`, or `block` after `|` or `>`. */
type Kind = CST.TokenType | 'plain' | 'block'

interface Token {
  kind: Kind
  source: string
  offset: number
  /** The white space before it. */
  gap: string
  /** How many brackets it is in, itself included. */
  depth: number
}

const inText: Array<[pattern: RegExp, problem: string]> = [
  [/[\x7f-\x84\x86-\x9f\ufffe\uffff]/, 'a character that YAML does not allow'],
  [/[\x85\u2028\u2029]/, 'a line break that YAML 1.2 does not know: U+0085, U+2028 or U+2029'],
  [/(?<=\n)\ufeff/, 'a byte order mark that is not at the beginning'],
  [/(?<=^---)(?:[ \t]*[^\s#]|#)/m, 'only a space and a comment may follow ---']
]

/** What the lexer adds to a text. */
const marks = new Set([CST.SCALAR, CST.DOCUMENT, CST.FLOW_END])

const opening = new Set<Kind>(['flow-map-start', 'flow-seq-start'])
const closing = new Set<Kind>(['flow-map-end', 'flow-seq-end'])
const betweenDocuments = new Set<Kind>(['newline', 'comment', 'doc-start', 'doc-end'])

/** What indentation follows. Undefined is the beginning. */
const beforeIndentation = new Set<Kind | undefined>([undefined, 'newline', 'block', 'seq-item-ind', 'explicit-key-ind'])

/**
 * Finds a place of a YAML text that kubectl refuses or would read in another way.
 *
 * @param text without carriage returns, and not JSON, which kubectl reads with another parser
 * @returns undefined if there is none
 */
export function findDifference (text: string): Difference | undefined {
  for (const [pattern, problem] of inText) {
    const found = pattern.exec(text)
    if (found !== null) return { problem, offset: found.index }
  }
  const tokens: Array<Token | undefined> = []
  let hasEnded = false
  for (const token of tokensOf(text)) {
    const { kind, offset, depth } = token
    if (kind === 'doc-end' || kind === 'doc-start') hasEnded = kind === 'doc-end'
    if (hasEnded && !betweenDocuments.has(kind)) return { problem: 'kubectl reads nothing after ... until ---', offset }
    const problem = problemIn(token) ?? (depth > 0 ? problemInBrackets(token, tokens) : problemWithBlock(token, tokens))
    if (problem !== undefined) return { problem, offset }
    const tab = depth > 0 ? -1 : indentationOf(token, tokens).indexOf('\t')
    if (tab >= 0) return { problem: misplacedTab, offset: offset - token.gap.length + tab }
    if (kind !== 'comment') tokens.unshift(token)
    tokens.length = Math.min(tokens.length, 3)
  }
  return undefined
}

/** The tokens of a text, with an empty one as the last. */
function * tokensOf (text: string): Generator<Token> {
  let [offset, depth, gap] = [0, 0, '']
  let [isScalar, isBlock] = [false, false]
  for (const source of new Lexer().lex(text)) {
    if (marks.has(source)) {
      isScalar = source === CST.SCALAR
      continue
    }
    const kind = isScalar ? isBlock ? 'block' : 'plain' : CST.tokenType(source)!
    if (kind === 'block-scalar-header' || isScalar) isBlock = !isScalar
    isScalar = false
    if (kind === 'space') {
      gap += source
    } else if (source !== '' || kind === 'block') {
      if (opening.has(kind)) depth++
      yield { kind, source, offset, gap, depth }
      if (closing.has(kind)) depth--
      gap = ''
    }
    offset += source.length
  }
  yield { kind: 'newline', source: '', offset, gap, depth }
}

function problemIn ({ kind, source }: Token): string | undefined {
  switch (kind) {
    case 'directive-line': return 'kubectl reads no directives'
    case 'anchor':
    case 'alias': return /^.[\w-]+$/.test(source) ? undefined : 'the name of an anchor has letters, digits, "_" and "-" only'
    case 'tag': return /^!(?:<[^>]+>|[^<>#]*)$/.test(source) ? undefined : 'a malformed tag'
    case 'single-quoted-scalar': return /(?<!')(?:'')*'$/.test(source.slice(1)) ? undefined : missingQuote
    case 'double-quoted-scalar': return /(?<!\\)(?:\\\\)*"$/.test(source.slice(1)) ? problemWithEscapes(source) : missingQuote
    default: return undefined
  }
}

const misplacedTab = 'a tab where only spaces may be'
const missingQuote = 'missing closing quote'

/** JSON has escapes that go-yaml does not have, and the parsers differ on an escaped line break before an empty line. */
function problemWithEscapes (source: string): string | undefined {
  for (const [, unknown] of source.matchAll(/\\(?:(\/|(?:u|U0000)[dD][89a-fA-F]..|\n[ \t]*\n)|.)/gs)) {
    if (unknown !== undefined) return `kubectl does not know \\${JSON.stringify(unknown).slice(1, -1)} in quotes`
  }
  return undefined
}

/** The white space before a token, if it is the indentation of a line or of what follows an indicator. */
function indentationOf ({ gap }: Token, [last, second]: Array<Token | undefined>): string {
  return beforeIndentation.has(last?.kind) || (last?.kind === 'map-value-ind' && second?.kind === 'newline') ? gap : ''
}

function problemWithBlock ({ kind, source, gap }: Token, [last, second, third]: Array<Token | undefined>): string | undefined {
  if (kind === 'block' && /^(?: *\n)* *\t/.test(source)) return `${misplacedTab}, before the first line of a block`
  const header = last?.kind === 'block' ? third : second
  if (header?.kind !== 'block-scalar-header' || !/\d/.test(header.source)) return undefined
  const lines = kind === 'block' ? source : kind === 'newline' ? gap : ''
  return /^ +$/m.test(lines) ? 'spaces in an empty line of a block whose indentation is a number' : undefined
}

function problemInBrackets ({ kind, source, gap }: Token, [last, second]: Array<Token | undefined>): string | undefined {
  if (kind === 'plain' && source.includes('?')) return 'a text with "?" in brackets needs quotes'
  if (kind === 'map-value-ind' && last?.kind === 'newline') return 'the colon must be in the line of its key'
  const isOfText = last?.kind === 'map-value-ind' && second?.kind === 'plain' && gap === ''
  return isOfText && (kind === 'comma' || opening.has(kind) || closing.has(kind)) ? 'kubectl takes the colon before for a part of the text: put a space after it' : undefined
}
