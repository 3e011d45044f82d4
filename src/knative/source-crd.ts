import type { TSchema } from '@sinclair/typebox'
import { isObject, type JsonObject } from '../kubernetes/object.js'

/** What is particular to the CustomResourceDefinition of a source. */
export interface SourceDefinition {
  group: string
  version: string
  kind: string
  singular: string
  plural: string
  description: string
  spec: TSchema
  status: TSchema
  /** CloudEvents types of what it sends. */
  eventTypes: string[]
}

/**
 * Makes the CustomResourceDefinition of a source from its schemas, with the marks by which Knative knows a source:
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
 * Writes a TypeBox schema as a structural schema: a map's values are `additionalProperties` there, not
 * `patternProperties`. A status is written without `required`, as Kubernetes does, so that none is ever refused.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
function toStructuralSchema (schema: TSchema, { required = true } = {}): JsonObject {
  const { patternProperties, required: requiredProperties, properties, items, ...rest } = schema
  return {
    ...rest,
    ...(required && requiredProperties && { required: requiredProperties }),
    ...(isObject(patternProperties) && { additionalProperties: Object.values(patternProperties)[0] }),
    ...(isObject(properties) && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, property]) =>
        [name, toStructuralSchema(property as TSchema, { required })]))
    }),
    ...(isObject(items) && { items: toStructuralSchema(items as TSchema) })
  }
}
