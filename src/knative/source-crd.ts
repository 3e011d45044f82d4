import type { TSchema } from '@sinclair/typebox'
import { isObject, type JsonObject } from '../kubernetes/object.js'
import { eventType } from './cloud-event.js'
import { SampleSourceSpec, SampleSourceStatus, group, kind, version } from './schema.js'

/**
 * Makes the CustomResourceDefinition of SampleSource from its schema, with the marks by which Knative knows a source:
 * https://knative.dev/docs/eventing/custom-event-source/custom-event-source/
 */
export function makeCustomResourceDefinition () {
  const plural = `${kind.toLowerCase()}s`
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
      annotations: { 'registry.knative.dev/eventTypes': JSON.stringify([{ type: eventType }]) }
    },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), categories: ['all', 'knative', 'eventing', 'sources'] },
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
            description: 'An event source that sends a CloudEvent to its sink at every interval.',
            required: ['spec'],
            properties: {
              spec: toStructuralSchema(SampleSourceSpec),
              status: toStructuralSchema(SampleSourceStatus, { required: false })
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
