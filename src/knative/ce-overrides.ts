import { Type } from '@sinclair/typebox'
import type { FieldError } from '../kubernetes/field-error.js'
import { isObject, valueAt } from '../kubernetes/object.js'
import { extensionNamePattern, maxExtensionBytes, maxExtensionLength, maxExtensionNameLength, maxExtensions, notInTextPattern, reservedExtensionNames, validateExtensions } from './extensions.js'

/** https://pkg.go.dev/knative.dev/pkg/apis/duck/v1#CloudEventOverrides */
export const CloudEventOverrides = Type.Object({
  extensions: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: maxExtensionLength }), {
    maxProperties: maxExtensions,
    description: `CloudEvents extension attributes that every event gets; names are lower-case letters and digits, and all together have at most ${maxExtensionBytes} bytes, percent-encoded as events carry them.`,
    'x-kubernetes-validations': [
      {
        rule: `self.all(name, size(name) <= ${maxExtensionNameLength} && name.matches('${extensionNamePattern}'))`,
        message: `an extension name must consist of lower-case letters and digits (${maxExtensionNameLength} at most)`
      },
      {
        rule: `self.all(name, !(name in [${reservedExtensionNames.map(name => `'${name}'`).join(', ')}]))`,
        message: `an extension must not be called ${reservedExtensionNames.join(', ')}`
      },
      {
        rule: `self.all(name, !self[name].matches('${notInTextPattern.replaceAll('\\', '\\\\')}'))`,
        message: 'an extension value must not have control characters or noncharacters'
      },
      {
        rule: `self.map(name, size(bytes(name)) + size(bytes(self[name]))).sum() <= ${maxExtensionBytes}`,
        message: `all extension names and values together must have at most ${maxExtensionBytes} bytes`
      }
    ]
  }))
}, { description: 'Overrides for the events that the source sends.' })

/**
 * Validates what the schema of CloudEventOverrides cannot express.
 *
 * @param overrides in any form; values of the wrong type are left to the schema
 * @returns every problem, with its path in the overrides
 */
export function validateOverrides (overrides: unknown): FieldError[] {
  const extensions = valueAt(overrides, 'extensions')
  return isObject(extensions)
    ? validateExtensions(extensions).map(({ path, message }) => ({ path: `extensions${path}`, message }))
    : []
}
