import { isExtensionText, maxExtensionLength, validateExtensions } from '../knative/extensions.js'
import { parseJson } from '../kubernetes/json.js'
import { isObject, valueAt } from '../kubernetes/object.js'
import { describe, quote } from '../kubernetes/field-error.js'

/**
 * Reads the overrides of a source's events: Knative's CloudEventOverrides.
 * https://pkg.go.dev/knative.dev/pkg/apis/duck/v1#CloudEventOverrides
 *
 * @param json `{"extensions": {"name": "value"}}`
 * @param mistakes receives a line for each mistake
 * @returns the extension attributes, by name
 */
export function parseOverrides (json: string, mistakes: string[]): Record<string, string> {
  const overrides = parseJson(json)
  const extensions = valueAt(overrides, 'extensions') ?? {}
  if (!isObject(overrides)) mistakes.push(`must be a JSON object, got ${quote(json)}`)
  else if (!isObject(extensions)) mistakes.push('extensions must be an object')
  else mistakes.push(...findMistakes(extensions))
  return extensions as Record<string, string>
}

function findMistakes (extensions: Record<string, unknown>): string[] {
  const mistyped = Object.entries(extensions).filter(([, value]) => !isExtensionText(value))
  return [
    ...mistyped.map(([name, value]) => `extensions[${quote(name)}]: expected a string of at most ${maxExtensionLength} characters, got ${describe(value)}`),
    ...validateExtensions(extensions).map(({ path, message }) => `extensions${path}: ${message}`)
  ]
}
