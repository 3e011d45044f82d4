import type { TSchema } from '@sinclair/typebox'
import type { TypeCheck, ValueError } from '@sinclair/typebox/compiler'

/**
 * What is wrong with one field, like
 * https://pkg.go.dev/k8s.io/apimachinery/pkg/util/validation/field#Error
 */
export interface FieldError {
  /** The path of the field: `spec.sink.ref.name`. */
  path: string
  /** What was expected and what was found, in one line. */
  message: string
}

/** A status must be stored and readable: of more problems, only this many are reported. */
export const maxProblems = 50

/** Longer values and keys are cut in messages. */
const maxQuoted = 100

/**
 * Checks a value against a schema.
 *
 * @param schema compiled
 * @param value it is not modified
 * @param root the first name of all paths; empty for the value's own fields
 * @param limit the most errors to look for
 * @returns one error for each invalid field
 */
export function checkSchema (schema: TypeCheck<TSchema>, value: unknown, root: string, limit: number): FieldError[] {
  if (schema.Check(value)) return []
  const errors = new Map<string, FieldError>()
  for (const error of schema.Errors(value)) {
    const path = pathOf(error.path, root)
    if (!errors.has(path)) errors.set(path, { path, message: messageOf(error) })
    if (errors.size === limit) break
  }
  return [...errors.values()]
}

/** Puts the path of a part before the paths of its errors. */
export function under (prefix: string, errors: FieldError[]): FieldError[] {
  return errors.map(({ path, message }) => ({ path: path === '' ? prefix : `${prefix}.${path}`, message }))
}

/**
 * Lists the problems in one line, each with its path, up to a maximum.
 */
export function describeProblems (problems: FieldError[]): string {
  const told = problems.slice(0, maxProblems).map(({ path, message }) => `${path}: ${message}`)
  return [...told, ...(problems.length > maxProblems ? ['and more'] : [])].join('; ')
}

/** Quotes a text for a message: on one line, with all that cannot be seen escaped, and cut if it is long. */
export function quote (text: string): string {
  return escapeInvisible(JSON.stringify(cut(text, maxQuoted)))
}

/** Characters that a terminal obeys or does not show: control characters, line breaks, and those that turn the direction. */
export const invisible = /[\p{Control}\p{Format}\p{Line_Separator}\p{Paragraph_Separator}]/gu

/** Escapes invisible characters as JSON does. */
export function escapeInvisible (text: string): string {
  return text.replace(invisible, character =>
    character.replace(/[^]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`))
}

/** Cuts a text to a number of characters, with an ellipsis if it was longer. */
export function cut (text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text
}

/** `/sink/ref/name` → `spec.sink.ref.name`; `/children/Deployment.apps~1v1` → `children["Deployment.apps/v1"]` */
function pathOf (pointer: string, root: string): string {
  return pointer.split('/').slice(1).map(unescapePointer).reduce(appendKey, root) || 'body'
}

function appendKey (path: string, key: string): string {
  if (key.length > maxQuoted || !/^\w+$/.test(key)) return `${path}[${quote(key)}]`
  return path === '' ? key : `${path}.${key}`
}

/** https://www.rfc-editor.org/rfc/rfc6901#section-4 */
function unescapePointer (key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~')
}

function messageOf ({ message, schema, value }: ValueError): string {
  if (value === undefined) return 'required'
  return `${expectedOf(schema, message)}, got ${describe(value)}`
}

function expectedOf (schema: TSchema, message: string): string {
  if (schema['x-kubernetes-int-or-string'] === true) return 'expected an integer or a string'
  return 'const' in schema ? `expected ${describe(schema['const'])}` : `${message.charAt(0).toLowerCase()}${message.slice(1)}`
}

/** Describes a value in a message. */
export function describe (value: unknown): string {
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
