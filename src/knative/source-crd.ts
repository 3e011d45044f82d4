import type { TSchema } from '@sinclair/typebox'
import { isObject, type JsonObject } from '../kubernetes/object.js'

/** The parts of a source's CustomResourceDefinition that differ between sources. */
export interface SourceDefinition {
  group: string
  version: string
  kind: string
  singular: string
  plural: string
  description: string
  spec: TSchema
  status: TSchema
  /** CloudEvents types of its events. */
  eventTypes: string[]
}

/**
 * Makes the CustomResourceDefinition of a source from its schemas, with the labels and annotations of Knative sources:
 * https://knative.dev/docs/eventing/custom-event-source/custom-event-source/
 */
export function makeSourceCrd ({ group, version, kind, singular, plural, description, spec, status, eventTypes }: SourceDefinition) {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${plural}.${group}`,
      labels: {
        'eventing.knative.dev/source': 'true',
        'duck.knative.dev/source': 'true',
        'knative.dev/crd-install': 'true'
      },
      annotations: { 'registry.knative.dev/eventTypes': JSON.stringify(eventTypes.map(type => ({ type }))) }
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular, categories: ['all', 'knative', 'eventing', 'sources'] },
      versions: [{
        name: version,
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [
          { name: 'Ready', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
          { name: 'Reason', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].reason" },
          { name: 'Sink', type: 'string', jsonPath: '.status.sinkUri' },
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }
        ],
        schema: {
          openAPIV3Schema: {
            type: 'object',
            description,
            required: ['spec'],
            properties: {
              spec: toStructuralSchema(spec),
              status: toStructuralSchema(status, { required: false })
            }
          }
        }
      }]
    }
  }
}

/**
 * Converts a TypeBox schema into a structural schema. A map's values become `additionalProperties` instead of
 * `patternProperties`, a constant becomes an `enum`, and an exclusive bound becomes a flag on the bound. Objects are always
 * closed, as unknown fields are pruned. As in Kubernetes, a status has no `required`, except in the items of its lists.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
function toStructuralSchema (schema: TSchema, { required = true } = {}): JsonObject {
  const { patternProperties, required: requiredProperties, properties, items, additionalProperties, anyOf, ...rest } = schema
  const write = (inner: unknown) => toStructuralSchema(inner as TSchema, { required })
  return {
    ...withConstants(anyOf === undefined ? rest : { ...rest, anyOf }),
    ...withBound('minimum', rest),
    ...withBound('maximum', rest),
    ...(required && requiredProperties && { required: requiredProperties }),
    ...(isObject(patternProperties) && { additionalProperties: write(Object.values(patternProperties)[0]) }),
    ...(isObject(additionalProperties) && { additionalProperties: write(additionalProperties) }),
    ...(isObject(properties) && { properties: Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, write(property)])) }),
    ...(isObject(items) && { items: toStructuralSchema(items as TSchema) })
  }
}

/** A constant, or one of several of the same type (a union of literals), as an `enum`. */
function withConstants ({ const: constant, anyOf, ...rest }: TSchema): JsonObject {
  if (constant !== undefined) return { ...rest, enum: [constant] }
  const literals: TSchema[] = Array.isArray(anyOf) && anyOf.every(isConstant) ? anyOf : []
  const [first] = literals
  if (first === undefined) return { ...rest, ...(anyOf !== undefined && { anyOf }) }
  return { type: first['type'], ...rest, enum: literals.map(literal => literal['const']) }
}

function isConstant (schema: unknown): boolean {
  return isObject(schema) && 'const' in schema
}

/** An exclusive bound: a number in TypeBox, a flag in OpenAPI 3.0. */
function withBound (bound: 'minimum' | 'maximum', schema: TSchema): JsonObject {
  const word = bound === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum'
  return typeof schema[word] === 'number' ? { [bound]: schema[word], [word]: true } : {}
}
