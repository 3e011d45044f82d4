import {
  isAlias, isCollection, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type DocumentOptions, type Node, type ParseOptions, type Scalar,
  type SchemaOptions, type YAMLMap, type YAMLSeq
} from 'yaml'
import { cut, quote } from './field-error.js'
import { isDeeperThan, isObject } from './object.js'
import { resolvePlain } from './plain-scalar.js'
import { findDifference } from './yaml-differences.js'

/*
 * YAML as kubectl reads it. kubectl converts YAML to JSON with sigs.k8s.io/yaml, whose parser is go-yaml 2:
 * https://github.com/kubernetes-sigs/yaml/blob/v1.6.0/yaml.go (YAMLToJSON: dates stay strings, keys become strings)
 * https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go (aliases and merge keys)
 */

/** No Kubernetes object comes near this depth. */
const maxDepth = 100

/** The parser's messages may quote the text. */
const maxMessage = 200

/** How many characters and values a text may repeat by aliases: a small text can expand to terabytes. */
const maxRepeated = 10_000_000

/** Keeps the scalars of a YAML text as they are written; the code below decides their types. */
const asWritten: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1', schema: 'failsafe', resolveKnownTags: false, uniqueKeys: false, prettyErrors: false, logLevel: 'silent'
}

/**
 * Reads the documents of a YAML text, or of a JSON text, which may be several objects in a row.
 *
 * A duplicate key in an object is an error, although kubectl ignores it.
 *
 * @returns JSON values, without empty documents and nulls. Integers beyond 2^53 are rounded
 * @throws Error of one line, with line and column, if the text is malformed, nests deeper than 100 levels, or repeats too
 *   much by aliases
 */
export function readYaml (text: string): unknown[] {
  // kubectl converts the line breaks of Windows, and go-yaml what remains: a carriage return alone is a line break too.
  return piecesOf(text.replaceAll('\r\n', '\n').replace(/\r\n?/g, '\n')).flatMap(({ text, firstLine }) => readStream(text, firstLine))
}

interface Piece {
  text: string
  firstLine: number
}

/** JSON objects in a row, as jq prints them, are separate texts; YAML is one text. */
function piecesOf (text: string): Piece[] {
  const whole = [{ text, firstLine: 1 }]
  if (!/^\s*\{/.test(text)) return whole
  const pieces: Piece[] = []
  let depth = 0
  let start = 0
  let firstLine = 1
  let isInString = false
  // Quotation marks and brackets. A whole string may be too long for a pattern.
  for (const { 0: token, index } of text.matchAll(/\\.|["{}[\]]/gs)) {
    if (token === '"') isInString = !isInString
    if (token === '"' || isInString || token.length > 1) continue
    depth += token === '{' || token === '[' ? 1 : -1
    if (depth > 0) continue
    const piece = text.slice(start, index + 1)
    // Only white space separates JSON objects.
    if (!/^\s*\{/.test(piece)) return whole
    pieces.push({ text: piece, firstLine })
    start = index + 1
    firstLine += piece.split('\n').length - 1
  }
  return pieces.length > 1 && /^\s*$/.test(text.slice(start)) ? pieces : whole
}

function readStream (text: string, firstLine: number): unknown[] {
  const lineCounter = new LineCounter()
  const where = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset)
    return `at line ${firstLine + line - 1}, column ${col}`
  }
  try {
    const documents = [parseAllDocuments(text, { ...asWritten, lineCounter })].flat()
    const [error] = documents.flatMap(({ errors }) => errors)
    if (error?.code === 'RESOURCE_EXHAUSTION') throw new RangeError()
    if (error !== undefined) throw new Error(`${cut(error.message.replace(/\s+/g, ' '), maxMessage)} ${where(error.pos[0])}`)
    const difference = isJson(text) ? undefined : findDifference(text)
    if (difference !== undefined) throw new Error(`${difference.problem} ${where(difference.offset)}`)
    return documents.flatMap(document => {
      const value = makeReading(where)(document.contents)
      if (isDeeperThan(maxDepth, value)) throw new RangeError()
      return value === null ? [] : [value]
    })
  } catch (error) {
    // Deep nesting can overflow the stack.
    throw error instanceof RangeError ? new Error(`nested deeper than ${maxDepth} levels`) : error
  }
}

/** Whether kubectl reads a text as JSON. */
function isJson (text: string): boolean {
  try {
    return /^\s*\{/.test(text) && JSON.parse(text) !== undefined
  } catch {
    return false
  }
}

/** What an anchor names. */
interface Anchored {
  value: unknown
  size: number
  /** Whether its end has been reached. */
  isRead: boolean
}

/** Makes the function that converts the nodes of one document into JSON values. */
function makeReading (where: (offset: number) => string): (contents: Node | null) => unknown {
  const anchors = new Map<string, Anchored>()
  let size = 0
  let repeated = 0

  const failure = (node: Node, problem: string) => new Error(`${problem} ${where(node.range![0])}`)

  function read (node: Node | null): unknown {
    if (node === null) return null
    if (isAlias(node)) return readAlias(node.source, node)
    const { anchor } = node as Scalar | YAMLMap
    const anchored = { value: undefined, size: 0, isRead: false }
    if (anchor !== undefined) anchors.set(anchor, anchored)
    const before = size++
    const value = isScalar(node) ? readScalar(node as Scalar<string>) : isMap(node) ? readMap(node as YAMLMap<Node, Node | null>) : (node as YAMLSeq<Node | null>).items.map(read)
    Object.assign(anchored, { value, size: size - before, isRead: true } satisfies Anchored)
    return value
  }

  function readAlias (name: string, node: Node): unknown {
    const anchored = anchors.get(name)
    if (anchored === undefined) throw failure(node, `unknown anchor ${quote(name)}`)
    if (!anchored.isRead) throw failure(node, `the anchor ${quote(name)} contains itself`)
    size += anchored.size
    repeated += anchored.size
    if (repeated > maxRepeated) throw failure(node, 'aliases repeat too much')
    return anchored.value
  }

  /** Keys after a merge key override it, those before it do not. */
  function readMap ({ items }: YAMLMap<Node, Node | null>): unknown {
    const entries = new Map<string, unknown>()
    const own = new Set<string>()
    for (const { key, value } of items) {
      if (isScalar(key) && key.value === '<<' && isPlain(key as Scalar<string>, 'merge')) {
        for (const source of mergedBy(value, key)) for (const [name, merged] of Object.entries(source)) entries.set(name, merged)
        continue
      }
      const name = readKey(key)
      if (own.has(name)) throw failure(key, `duplicate key ${quote(name)}`)
      own.add(name)
      entries.set(name, read(value))
    }
    return Object.fromEntries(entries)
  }

  /** The merged objects, last first: of several, the first wins. */
  function mergedBy (value: Node | null, key: Node): object[] {
    const merged = read(value)
    const sources = Array.isArray(merged) && isSeq(value) ? merged.toReversed() : [merged]
    if (!sources.every(isObject)) throw failure(key, 'expected an object to merge, or a list of them')
    return sources
  }

  function readKey (key: Node): string {
    const value = isCollection(key) ? null : read(key)
    if (typeof value === 'object') throw failure(key, 'a key must be a text')
    if (typeof value === 'number' && !isSameAsText(value, key)) throw failure(key, 'such a number must be quoted where it is a key')
    return String(value)
  }

  function readScalar (node: Scalar<string>): unknown {
    const { value: text, tag } = node
    size += text.length
    const name = tag?.startsWith(ownTag) === true ? tag.slice(ownTag.length) : undefined
    if (name === 'binary') return readBinary(node)
    const isTyped = name !== undefined && Object.hasOwn(typed, name)
    const value = isTyped || isPlain(node) ? resolvePlain(text) : text
    if (isTyped && !typed[name]!(value, text)) throw failure(node, `${quote(text)} is not a valid !!${name}`)
    if (typeof value === 'number' && !Number.isFinite(value)) throw failure(node, `${text} is not a JSON number`)
    return value
  }

  function readBinary (node: Scalar<string>): string {
    const text = node.value.replace(/\s/g, '')
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) throw failure(node, '!!binary is not base64')
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(text, 'base64'))
    } catch {
      throw failure(node, '!!binary is not UTF-8')
    }
  }

  return read
}

/** Whether a number becomes the same text here as in Go, which formats a key that is no integer as a float of 32 bits. */
function isSameAsText (value: number, key: Node): boolean {
  const isShort = Number(value.toPrecision(6)) === value && Math.abs(value) >= 1e-4 && Math.abs(value) < 1e6
  return isShort || (Number.isSafeInteger(value) && isScalar<string>(key) && /^[-+]?(?:[\d_]+|0[xX].*)$/.test(key.value))
}

const ownTag = 'tag:yaml.org,2002:'

/** The types that a scalar can be tagged with. */
const typed: Record<string, (value: unknown, text: string) => boolean> = {
  null: value => value === null,
  bool: value => typeof value === 'boolean',
  int: (value, text) => Number.isInteger(value) && (/^[-+]?0[xX]/.test(text) || !/[.eE]/.test(text)),
  float: value => typeof value === 'number',
  timestamp: value => typeof value === 'string' && /^\d{4}-/.test(value)
}

function isPlain ({ type, tag }: Scalar<string>, name?: string): boolean {
  return tag === undefined ? type === 'PLAIN' : name !== undefined && tag === `${ownTag}${name}`
}
