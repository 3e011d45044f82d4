import { quote, under } from '../../src/kubernetes/field-error.js'
import { isDnsSubdomain } from '../../src/kubernetes/names.js'
import { validateObjectMeta } from '../../src/kubernetes/object-meta.js'
import type { KubeObject, Manifest } from '../harness/api-server.js'
import { resourceOf } from '../harness/crd.js'

/* OpenAPI schemas of what defines a simulated cluster, and how it is read by them. */

export const string = { type: 'string' }
export const boolean = { type: 'boolean' }
export const integer = { type: 'integer', format: 'int32' }
export const anyObject = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
export const object = (properties: object, ...required: string[]) => ({ type: 'object', properties, ...(required.length > 0 && { required }) })
export const list = (items: object) => ({ type: 'array', items })
export const oneOf = (...values: string[]) => ({ ...string, enum: values })

/**
 * Makes the function that reads the objects of a cluster-scoped kind as the API server stores them. It throws an Error if
 * the API server refuses an object, or `kubectl apply` does because of an unknown field.
 */
export function readerOf (apiVersion: string, kind: string, openAPIV3Schema: object): (manifest: Manifest) => KubeObject {
  const [group, name] = apiVersion.split('/')
  const resource = resourceOf({ spec: { group, scope: 'Cluster', names: { kind, plural: kind }, versions: [{ name, storage: true, schema: { openAPIV3Schema } }] } })
  return manifest => {
    if (manifest.apiVersion !== apiVersion) throw new Error(`apiVersion: expected "${apiVersion}", got ${quote(manifest.apiVersion)}`)
    const unknown = resource.unknownFields!(manifest)
    if (unknown.length > 0) throw new Error(unknown.join(', '))
    const stored = resource.read(manifest as KubeObject)
    const problems = [...metadataProblems(stored), ...resource.validate(stored)]
    if (problems.length > 0) throw new Error(problems.join(', '))
    return stored
  }
}

function metadataProblems ({ metadata }: KubeObject): string[] {
  const name = isDnsSubdomain(metadata.name) ? [] : [`metadata.name: expected a DNS subdomain name, got ${quote(metadata.name)}`]
  return [...name, ...under('metadata', validateObjectMeta(metadata)).map(({ path, message }) => `${path}: ${message}`)]
}
