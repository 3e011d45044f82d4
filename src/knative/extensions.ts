import { quote, type FieldError } from '../kubernetes/field-error.js'
import { encodeHeaderValue } from './header-value.js'

/*
 * Rules for the names and values of CloudEvents extensions. The hook validates specs by them and the adapter its
 * environment, so the adapter starts with every valid spec.
 */

/** Attribute and extension names. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#naming-conventions */
export const extensionNamePattern = '^[a-z0-9]+$'

/** A limit that lets the API server estimate the cost of checking names. */
export const maxExtensionNameLength = 256

/** The attributes of every event. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#context-attributes */
const attributes = ['id', 'source', 'specversion', 'type', 'datacontenttype', 'dataschema', 'subject', 'time', 'data']

/**
 * Names that the SDK reserves: its events are objects with methods, it rejects an attribute of an older version of
 * CloudEvents, and it looks names up in an object. `test/knative/extensions.test.ts` tries every word in the SDK.
 */
const namesOfSdk = ['constructor', 'schemaurl', 'validate']

/** Names that match the pattern but are not allowed. */
export const reservedExtensionNames = [...attributes, ...namesOfSdk].sort()

/** The most extensions of a source. */
export const maxExtensions = 64

/** The longest value, in characters. */
export const maxExtensionLength = 8 * 1024

/**
 * The most bytes of all extension names and values together, as in an event's headers. With the other headers, that is
 * within the 16 KiB that a Node server accepts by default.
 */
export const maxExtensionBytes = 8 * 1024

/**
 * Characters that a CloudEvents text must not contain, also in RE2 for a CRD's CEL rules: control characters, and the
 * noncharacters of the Basic Multilingual Plane.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#type-system
 */
export const notInTextPattern = '[\\x00-\\x1f\\x7f-\\x9f\\x{fdd0}-\\x{fdef}\\x{fffe}\\x{ffff}]'

/** The same, and what RE2 cannot express briefly: the noncharacters of all planes, and lone surrogates. */
const notInText = /\p{Cc}|\p{Cs}|\p{Noncharacter_Code_Point}/u

const extensionName = new RegExp(extensionNamePattern)

/**
 * Validates extensions: names or values that cannot be sent, or more in total than a sink has to accept.
 *
 * @param extensions by name; values that are too long, or not text, are left to the schema
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

/** Whether a value is a text and not too long, as a schema would require. */
export function isExtensionText (value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxExtensionLength
}
