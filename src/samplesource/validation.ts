import { TypeCompiler } from '@sinclair/typebox/compiler'
import { checkSchema, quote, under, type FieldError } from '../kubernetes/field-error.js'
import { validateObjectName } from '../kubernetes/names.js'
import { stringAt, valueAt } from '../kubernetes/object.js'
import { validateResources } from '../kubernetes/resources.js'
import { validateOverrides } from '../knative/ce-overrides.js'
import { validateDestination } from '../knative/destination.js'
import { parseDuration } from '../knative/duration.js'
import { SampleSourceSpec } from './schema.js'

/** Either a spec that is as it should be, or all that is wrong with it. */
export type Validation =
  | { spec: SampleSourceSpec, problems?: never }
  | { spec?: never, problems: FieldError[] }

const specSchema = TypeCompiler.Compile(SampleSourceSpec)

/**
 * Verifies the spec of a SampleSource. The API server refuses most mistakes by the CRD; what comes here all the same
 * (an older CRD, quantities) is found here.
 *
 * @param spec of whatever form
 * @returns the spec, or every problem with its path
 */
export function validate (spec: unknown): Validation {
  const problems = [
    ...checkSchema(specSchema, spec, 'spec', Infinity),
    ...under('spec.sink', validateDestination(valueAt(spec, 'sink'))),
    ...under('spec.ceOverrides', validateOverrides(valueAt(spec, 'ceOverrides'))),
    ...under('spec.serviceAccountName', validateObjectName(stringAt(spec, 'serviceAccountName'))),
    ...validateInterval(stringAt(spec, 'interval')),
    ...under('spec.resources', validateResources(valueAt(spec, 'resources')))
  ]
  return problems.length > 0 ? { problems } : { spec: spec as SampleSourceSpec }
}

/*
 * What a schema does not say. A value of the wrong type, or none, is passed over here: that is the schema's to report.
 */

function validateInterval (interval: string | undefined): FieldError[] {
  if (interval === undefined || (parseDuration(interval) ?? 0n) > 0n) return []
  return [{ path: 'spec.interval', message: `expected a positive Go duration such as 10s or 1m30s, got ${quote(interval)}` }]
}
