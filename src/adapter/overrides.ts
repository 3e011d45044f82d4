import { extensionNamePattern } from '../knative/ce-overrides.js'
import { isObject, valueAt } from '../kubernetes/object.js'
import { describe, quote } from '../kubernetes/field-error.js'
import { makeEvent, toMessage } from './event.js'

const extensionName = new RegExp(extensionNamePattern)

/** Attributes that an event has of its own. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#context-attributes */
const attributes = ['id', 'source', 'specversion', 'type', 'datacontenttype', 'dataschema', 'subject', 'time', 'data']

/** What no string of CloudEvents has: control characters, noncharacters, halves of surrogate pairs. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#type-system */
const notInStrings = /\p{Cc}|\p{Cs}|\p{Noncharacter_Code_Point}/u

/**
 * Reads what a source's events are to be given: Knative's CloudEventOverrides.
 * https://pkg.go.dev/knative.dev/pkg/apis/duck/v1#CloudEventOverrides
 *
 * @param json `{"extensions": {"name": "value"}}`
 * @param mistakes gets a line for each thing that is wrong
 * @returns the extension attributes, by name
 */
export function parseOverrides (json: string, mistakes: string[]): Record<string, string> {
  const overrides = parseObject(json)
  const extensions = valueAt(overrides, 'extensions') ?? {}
  if (overrides === undefined) mistakes.push(`must be a JSON object, got ${quote(json)}`)
  else if (!isObject(extensions)) mistakes.push('extensions must be an object')
  else mistakes.push(...Object.entries(extensions).flatMap(([name, value]) => validateExtension(name, value)))
  return extensions as Record<string, string>
}

function validateExtension (name: string, value: unknown): string[] {
  if (!extensionName.test(name)) return [`extension name must be lower-case letters and digits, got ${quote(name)}`]
  if (attributes.includes(name)) return [`extension name must not be an attribute of CloudEvents itself, got ${quote(name)}`]
  if (typeof value !== 'string') return [`extension ${name} must be a string, got ${describe(value)}`]
  if (notInStrings.test(value)) return [`extension ${name} must not have control characters, noncharacters or lone surrogates, got ${quote(value)}`]
  return canBeSent(name, value) ? [] : [`extension name ${quote(name)} is none that the CloudEvents SDK can send`]
}

/** The SDK's events are objects with methods: an extension cannot be called `validate`. */
function canBeSent (name: string, value: string): boolean {
  try {
    return Boolean(toMessage(makeEvent({ type: 'any', source: 'any', data: {} }, { [name]: value })))
  } catch {
    return false
  }
}

function parseObject (json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
