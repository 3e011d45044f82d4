import { equal } from './json.js'
import { groupOf, storedMeta, type Resource } from './resource.js'
import { anything, objectMeta, struct } from './schema.js'

/** The top-level fields of the kinds of Kubernetes: https://kubernetes.io/docs/reference/kubernetes-api/ */
const fields = [
  'spec', 'status', 'data', 'binaryData', 'stringData', 'immutable', 'type', 'rules', 'roleRef', 'subjects', 'aggregationRule',
  'secrets', 'imagePullSecrets', 'automountServiceAccountToken', 'subsets', 'addressType', 'endpoints', 'ports', 'template',
  'value', 'globalDefault', 'description', 'preemptionPolicy', 'provisioner', 'parameters', 'reclaimPolicy', 'mountOptions',
  'allowVolumeExpansion', 'volumeBindingMode', 'allowedTopologies', 'handler', 'overhead', 'scheduling', 'webhooks', 'revision'
]

export interface PlainKindOptions {
  plural: string
  namespaced: boolean
  /** Whether the server counts the changes of its spec; without it, where the group has a dot, as custom kinds have. */
  hasGeneration?: boolean
}

/** A kind that nobody has described: kept as it comes, status and all. */
export function plainKind (apiVersion: string, kind: string, { plural, namespaced, hasGeneration = groupOf(apiVersion).includes('.') }: PlainKindOptions): Resource {
  return {
    apiVersion,
    kind,
    plural,
    namespaced,
    schema: struct({ apiVersion: anything, kind: anything, metadata: objectMeta, ...Object.fromEntries(fields.map(field => [field, anything])) }),
    empty: {},
    hasGeneration,
    hasStatus: false,
    statusKeeps: [],
    statusResets: [],
    unconditionalUpdate: true,
    read: storedMeta,
    validate: () => [],
    isNewGeneration: ({ spec }, old) => !equal(spec, old.spec)
  }
}
