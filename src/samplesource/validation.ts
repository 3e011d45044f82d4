import { TypeCompiler } from '@sinclair/typebox/compiler'
import { checkSchema, maxProblems, quote, under, type FieldError } from '../kubernetes/field-error.js'
import { validateObjectName } from '../kubernetes/names.js'
import { isObject, stringAt, valueAt, type JsonObject } from '../kubernetes/object.js'
import { validateResources } from '../kubernetes/resources.js'
import { validateOverrides } from '../knative/ce-overrides.js'
import { validateDestination } from '../knative/destination.js'
import { maxDurationLength, parseDuration } from '../knative/duration.js'
import { maxExtensions } from '../knative/extensions.js'
import { SampleSourceSpec } from './schema.js'

/** Either a spec that is as it should be, or all that is wrong with it. */
export type Validation =
  | { spec: SampleSourceSpec, problems?: never }
  | { spec?: never, problems: FieldError[] }

const specSchema = TypeCompiler.Compile(SampleSourceSpec)

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

/** All problems, or one more than are told. */
function findProblems (spec: unknown): FieldError[] {
  const problems = checkSchema(specSchema, spec, 'spec', maxProblems + 1)
  if (problems.length > maxProblems) return problems
  return [
    ...problems,
    ...under('spec.sink', validateDestination(valueAt(spec, 'sink'))),
    ...under('spec.ceOverrides', validateOverrides(valueAt(spec, 'ceOverrides'))),
    ...under('spec.serviceAccountName', validateObjectName(stringAt(spec, 'serviceAccountName'))),
    ...validateInterval(stringAt(spec, 'interval')),
    ...under('spec.resources', validateResources(valueAt(spec, 'resources')))
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

function validateInterval (interval: string | undefined): FieldError[] {
  if (interval === undefined || interval.length > maxDurationLength || (parseDuration(interval) ?? 0n) > 0n) return []
  return [{ path: 'spec.interval', message: `expected a positive Go duration such as 10s or 1m30s, got ${quote(interval)}` }]
}
