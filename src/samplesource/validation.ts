import { TypeCompiler } from '@sinclair/typebox/compiler'
import { checkSchema, quote, under, type FieldError } from '../kubernetes/field-error.js'
import { isDnsSubdomain } from '../kubernetes/names.js'
import { isObject, stringAt, valueAt, type JsonObject } from '../kubernetes/object.js'
import { maxAmount, parseQuantity, type Quantity } from '../kubernetes/quantity.js'
import { validateDestination } from '../knative/destination.js'
import { maxDurationLength, parseDuration } from '../knative/duration.js'
import { SampleSourceSpec, extensionNamePattern, maxExtensionNameLength, maxExtensions, maxServiceAccountNameLength, resourceNames } from './schema.js'

/** Either a spec that is as it should be, or all that is wrong with it. */
export type Validation =
  | { spec: SampleSourceSpec, problems?: never }
  | { spec?: never, problems: FieldError[] }

const specSchema = TypeCompiler.Compile(SampleSourceSpec)
const extensionName = new RegExp(extensionNamePattern)

/** A status has to be read and stored: of a spec with more problems than this, the first are told. */
const maxProblems = 50

/**
 * Verifies the spec of a SampleSource. The API server refuses most mistakes by the CRD; what comes here all the same
 * (an older CRD, quantities) is found here. Looking stops when there are enough problems to tell; what are too many
 * extensions, or too long a text, is not looked at any further.
 *
 * @param spec of whatever form
 * @returns the spec, or what is wrong with it, each problem with its path
 */
export function validate (spec: unknown): Validation {
  const extensions = valueAt(spec, 'ceOverrides', 'extensions')
  const count = isObject(extensions) ? Object.keys(extensions).length : 0
  const problems = count > maxExtensions
    ? [tooManyExtensions(count), ...findProblems(withoutExtensions(spec as JsonObject))]
    : findProblems(spec)
  return problems.length > 0 ? { problems } : { spec: spec as SampleSourceSpec }
}

/**
 * Says in one line what is wrong: each path and problem, as far as there is room.
 */
export function describeProblems (problems: FieldError[]): string {
  const told = problems.slice(0, maxProblems).map(({ path, message }) => `${path}: ${message}`)
  return [...told, ...(problems.length > maxProblems ? ['and more'] : [])].join('; ')
}

/** All problems, or one more than are told. */
function findProblems (spec: unknown): FieldError[] {
  const problems = checkSchema(specSchema, spec, 'spec', maxProblems + 1)
  if (problems.length > maxProblems) return problems
  return [
    ...problems,
    ...under('spec.sink', validateDestination(valueAt(spec, 'sink'))),
    ...validateExtensions(valueAt(spec, 'ceOverrides', 'extensions')),
    ...validateServiceAccountName(stringAt(spec, 'serviceAccountName')),
    ...validateInterval(stringAt(spec, 'interval')),
    ...validateResources(valueAt(spec, 'resources'))
  ]
}

function tooManyExtensions (count: number): FieldError {
  return { path: 'spec.ceOverrides.extensions', message: `expected at most ${maxExtensions} extensions, got ${count}` }
}

/** The other fields that a spec has: only these, for there may be any number of what is no field. */
function withoutExtensions (spec: JsonObject): JsonObject {
  const names = Object.keys(SampleSourceSpec.properties).filter(name => name !== 'ceOverrides' && Object.hasOwn(spec, name))
  return Object.fromEntries(names.map(name => [name, spec[name]]))
}

/*
 * What a schema does not say. A value of the wrong type, or none, or one that is too long, is passed over here: that is the
 * schema's to report.
 */

function validateExtensions (extensions: unknown): FieldError[] {
  return Object.keys(isObject(extensions) ? extensions : {})
    .filter(name => name.length > maxExtensionNameLength || !extensionName.test(name))
    .map(name => ({
      path: `spec.ceOverrides.extensions[${quote(name)}]`,
      message: `expected a name of lower-case letters and digits (${maxExtensionNameLength} at most)`
    }))
}

function validateServiceAccountName (name: string | undefined): FieldError[] {
  if (name === undefined || name.length > maxServiceAccountNameLength || isDnsSubdomain(name)) return []
  return [{ path: 'spec.serviceAccountName', message: `expected a DNS subdomain name, got ${quote(name)}` }]
}

function validateInterval (interval: string | undefined): FieldError[] {
  if (interval === undefined || interval.length > maxDurationLength || (parseDuration(interval) ?? 0n) > 0n) return []
  return [{ path: 'spec.interval', message: `expected a positive Go duration such as 10s or 1m30s, got ${quote(interval)}` }]
}

function validateResources (resources: unknown): FieldError[] {
  return resourceNames.flatMap(name => {
    const request = quantityAt(resources, 'requests', name)
    const limit = quantityAt(resources, 'limits', name)
    const problems = [...validateQuantity(request), ...validateQuantity(limit)]
    return problems.length > 0 ? problems : validateRequest(request, limit)
  })
}

/** A quantity where it stands. */
interface FoundQuantity {
  path: string
  text: string
  /** Undefined when the text is not one. */
  quantity: Quantity | undefined
}

function quantityAt (resources: unknown, list: string, name: string): FoundQuantity | undefined {
  const value = valueAt(resources, list, name)
  if (typeof value !== 'string' && !Number.isInteger(value)) return undefined
  const text = String(value)
  return { path: `spec.resources.${list}.${name}`, text, quantity: parseQuantity(text) }
}

function validateQuantity (found: FoundQuantity | undefined): FieldError[] {
  if (found === undefined || (found.quantity?.nano ?? -1n) >= 0n) return []
  return [{ path: found.path, message: `expected a Kubernetes quantity such as 100m or 64Mi, from 0 to ${maxAmount}, got ${quote(found.text)}` }]
}

function validateRequest (request: FoundQuantity | undefined, limit: FoundQuantity | undefined): FieldError[] {
  if (request?.quantity === undefined || limit?.quantity === undefined || request.quantity.nano <= limit.quantity.nano) return []
  return [{ path: request.path, message: `expected at most the limit of ${limit.text}, got ${request.text}` }]
}
