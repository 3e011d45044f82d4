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

/** Either a valid spec, or its problems. */
export type Validation =
  | { spec: SampleSourceSpec, problems?: never }
  | { spec?: never, problems: FieldError[] }

const specSchema = TypeCompiler.Compile(SampleSourceSpec)

/**
 * Validates the spec of a SampleSource. The CRD catches most mistakes in the API server; the others (an older CRD,
 * quantities) are found here. It stops once there are enough problems to report, and does not look into too many
 * extensions or too long a text.
 *
 * @param spec in any form
 * @returns the spec, or its problems, each with its path
 */
export function validate (spec: unknown): Validation {
  const extensions = valueAt(spec, 'ceOverrides', 'extensions')
  const count = isObject(extensions) ? Object.keys(extensions).length : 0
  const problems = count > maxExtensions
    ? [tooManyExtensions(count), ...findProblems(withoutExtensions(spec as JsonObject))]
    : findProblems(spec)
  return problems.length > 0 ? { problems } : { spec: spec as SampleSourceSpec }
}

/** All problems, or one more than are reported. */
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

/** The other fields of a spec: only the known ones, as a spec may have any number of unknown fields. */
function withoutExtensions (spec: JsonObject): JsonObject {
  const names = Object.keys(SampleSourceSpec.properties).filter(name => name !== 'ceOverrides' && Object.hasOwn(spec, name))
  return Object.fromEntries(names.map(name => [name, spec[name]]))
}

/*
 * Rules that a schema cannot express. They ignore a value that is missing, too long or of the wrong type: the schema
 * reports it.
 */

function validateInterval (interval: string | undefined): FieldError[] {
  if (interval === undefined || interval.length > maxDurationLength || (parseDuration(interval) ?? 0n) > 0n) return []
  return [{ path: 'spec.interval', message: `expected a positive Go duration such as 10s or 1m30s, got ${quote(interval)}` }]
}
