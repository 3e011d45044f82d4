import { Type } from '@sinclair/typebox'
import { quote, type FieldError } from '../kubernetes/field-error.js'
import { isObject, valueAt } from '../kubernetes/object.js'

/** A CloudEvents attribute name; extension names keep to it. https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#naming-conventions */
export const extensionNamePattern = '^[a-z0-9]+$'

/** A bound that lets the API server work out what checking a name costs. */
const maxExtensionNameLength = 256

/** The most extensions that a source may give its events. */
export const maxExtensions = 64

/** https://pkg.go.dev/knative.dev/pkg/apis/duck/v1#CloudEventOverrides */
export const CloudEventOverrides = Type.Object({
  extensions: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 8192 }), {
    maxProperties: maxExtensions,
    description: 'CloudEvents extension attributes that every event gets; names are lower-case letters and digits.',
    'x-kubernetes-validations': [{
      rule: `self.all(name, size(name) <= ${maxExtensionNameLength} && name.matches('${extensionNamePattern}'))`,
      message: `an extension name must consist of lower-case letters and digits (${maxExtensionNameLength} at most)`
    }]
  }))
}, { description: 'What is overridden in the events that the source sends.' })

const extensionName = new RegExp(extensionNamePattern)

/**
 * Finds what is wrong with CloudEventOverrides and a schema does not say.
 *
 * @param overrides of whatever form; what has the wrong type is passed over, that is a schema's to report
 * @returns every problem, with its path in the overrides
 */
export function validateOverrides (overrides: unknown): FieldError[] {
  const extensions = valueAt(overrides, 'extensions')
  return Object.keys(isObject(extensions) ? extensions : {})
    .filter(name => name.length > maxExtensionNameLength || !extensionName.test(name))
    .map(name => ({
      path: `extensions[${quote(name)}]`,
      message: `expected a name of lower-case letters and digits (${maxExtensionNameLength} at most)`
    }))
}
