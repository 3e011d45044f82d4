import { quote } from '../../src/kubernetes/field-error.js'
import type { JsonObject } from '../../src/kubernetes/object.js'
import type { Manifest } from '../harness/api-server.js'
import { resourceOf } from '../harness/crd.js'
import { anyObject, boolean, integer, list, object, oneOf, readerOf, string } from './definition-schema.js'

/* What the API server accepts as a CustomResourceDefinition. */

/** https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/ */
const schema = object({
  spec: object({
    group: string,
    names: object({ plural: string, singular: string, kind: string, listKind: string, shortNames: list(string), categories: list(string) }, 'plural', 'kind'),
    scope: oneOf('Cluster', 'Namespaced'),
    versions: list(object({
      name: string,
      served: boolean,
      storage: boolean,
      deprecated: boolean,
      deprecationWarning: string,
      schema: object({ openAPIV3Schema: anyObject }),
      subresources: object({
        status: anyObject,
        scale: object({ specReplicasPath: string, statusReplicasPath: string, labelSelectorPath: string }, 'specReplicasPath', 'statusReplicasPath')
      }),
      additionalPrinterColumns: list(object({ name: string, type: string, format: string, description: string, priority: integer, jsonPath: string }, 'name', 'type', 'jsonPath')),
      selectableFields: list(object({ jsonPath: string }, 'jsonPath'))
    }, 'name', 'served', 'storage')),
    conversion: anyObject,
    preserveUnknownFields: boolean
  }, 'group', 'names', 'scope', 'versions'),
  status: anyObject
}, 'spec')

const read = readerOf('apiextensions.k8s.io/v1', 'CustomResourceDefinition', schema)

/**
 * Checks a CustomResourceDefinition.
 *
 * @throws Error if the API server refuses it
 */
export function checkDefinition (manifest: Manifest): void {
  const { metadata: { name }, spec: { group, names: { plural }, versions } } = read(manifest) as Manifest
  if (name !== `${plural}.${group}`) throw new Error(`metadata.name: expected spec.names.plural and spec.group, "${plural}.${group}", got ${quote(name)}`)
  if (versions.filter(({ storage }: { storage: boolean }) => storage).length !== 1) throw new Error('spec.versions: expected exactly one with storage: true')
  resourceOf(manifest as unknown as JsonObject)
}
