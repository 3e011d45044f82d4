import { unknownFields, withObjectFields } from '../../src/kubernetes/structural-schema.js'
import { equal } from './json.js'
import { groupOf, storedMeta, type Resource } from './resource.js'
import { anything, objectMeta, struct } from './schema.js'

/** The top-level fields of Kubernetes' kinds: https://kubernetes.io/docs/reference/kubernetes-api/ */
const fields = [
  'spec', 'status', 'data', 'binaryData', 'stringData', 'immutable', 'type', 'rules', 'roleRef', 'subjects', 'aggregationRule',
  'secrets', 'imagePullSecrets', 'automountServiceAccountToken', 'subsets', 'addressType', 'endpoints', 'ports', 'template',
  'value', 'globalDefault', 'description', 'preemptionPolicy', 'provisioner', 'parameters', 'reclaimPolicy', 'mountOptions',
  'allowVolumeExpansion', 'volumeBindingMode', 'allowedTopologies', 'handler', 'overhead', 'scheduling', 'webhooks', 'revision'
]

/** A schema that knows only the fields that every object has. */
const anyFields = withObjectFields({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true })

export interface PlainKindOptions {
  plural: string
  namespaced: boolean
  /** Whether the kind has a generation. By default it has one if its group has a dot, as custom kinds do. */
  hasGeneration?: boolean
}

/** A kind without a schema: its objects are stored unchanged, including the status. */
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
    isPlain: true,
    unknownFields: object => unknownFields(object, anyFields),
    read: storedMeta,
    validate: () => [],
    isNewGeneration: ({ spec }, old) => !equal(spec, old.spec)
  }
}
