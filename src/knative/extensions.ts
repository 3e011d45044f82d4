import { quote, type FieldError } from '../kubernetes/field-error.js'
import { encodeHeaderValue } from './header-value.js'

/*
 * What a CloudEvents extension may be called, and what it may hold. The hook verifies specs by it and the adapter its
 * environment, so that no spec is called valid with which the adapter would not start.
 */

/** A CloudEvents attribute name; extension names keep to it. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#naming-conventions */
export const extensionNamePattern = '^[a-z0-9]+$'

/** A bound that lets the API server work out what checking a name costs. */
export const maxExtensionNameLength = 256

/** Attributes that an event has of its own. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#context-attributes */
const attributes = ['id', 'source', 'specversion', 'type', 'datacontenttype', 'dataschema', 'subject', 'time', 'data']

/**
 * Names that the SDK has for itself: its events are objects with methods, it refuses the attribute of an older version of
 * CloudEvents, and it looks names up in an object. `test/knative/extensions.test.ts` tries every word in it.
 */
const namesOfSdk = ['constructor', 'schemaurl', 'validate']

/** What no extension may be called, though the pattern lets it pass. */
export const reservedExtensionNames = [...attributes, ...namesOfSdk].sort()

/** The most extensions that a source may give its events. */
export const maxExtensions = 64

/** The longest value, in characters. */
export const maxExtensionLength = 8 * 1024

/**
 * The most bytes of the names and values of all extensions together, as they are in the headers of an event. With what
 * else stands there, that is within the 16 KiB of headers that a server on Node takes by default.
 */
export const maxExtensionBytes = 8 * 1024

/**
 * What no text of CloudEvents has, in RE2 too, for the CEL rules of a CRD: control characters, and the noncharacters of
 * the Basic Multilingual Plane.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#type-system
 */
export const notInTextPattern = '[\\x00-\\x1f\\x7f-\\x9f\\x{fdd0}-\\x{fdef}\\x{fffe}\\x{ffff}]'

/** The same, and what RE2 has no short word for: the noncharacters of all planes, and halves of surrogate pairs. */
const notInText = /\p{Cc}|\p{Cs}|\p{Noncharacter_Code_Point}/u

const extensionName = new RegExp(extensionNamePattern)

/**
 * Finds what is wrong with extensions: a name or a value that cannot be sent, or more in sum than a sink has to take.
 *
 * @param extensions by name; a value that is no text, or too long, is passed over: that is a schema's to report
 * @returns every problem, with its path in the extensions
 */
export function validateExtensions (extensions: Record<string, unknown>): FieldError[] {
  const problems: FieldError[] = []
  let bytes = 0
  for (const [name, value] of Object.entries(extensions)) {
    const problem = validateName(name) ?? validateValue(name, value)
    if (problem !== undefined) problems.push(problem)
    else if (isExtensionText(value)) bytes += name.length + encodeHeaderValue(value).length
  }
  return bytes <= maxExtensionBytes
    ? problems
    : [...problems, { path: '', message: `expected at most ${maxExtensionBytes} bytes of names and values, percent-encoded as events carry them, got ${bytes}` }]
}

function validateName (name: string): FieldError | undefined {
  const path = `[${quote(name)}]`
  if (name.length > maxExtensionNameLength || !extensionName.test(name)) {
    return { path, message: `expected a name of lower-case letters and digits (${maxExtensionNameLength} at most)` }
  }
  if (attributes.includes(name)) return { path, message: 'expected another name: this one is an attribute of CloudEvents' }
  if (namesOfSdk.includes(name)) return { path, message: 'expected another name: the CloudEvents SDK cannot send this one' }
  return undefined
}

function validateValue (name: string, value: unknown): FieldError | undefined {
  if (!isExtensionText(value) || !notInText.test(value)) return undefined
  return { path: `.${name}`, message: `expected a text without control characters, noncharacters and lone surrogates, got ${quote(value)}` }
}

/** Tells whether a value is a text, and not too long: what a schema says of it. */
export function isExtensionText (value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxExtensionLength
}
