import { arrayAt, isObject, stringAt, valueAt, type JsonObject } from '../../src/kubernetes/object.js'
import { prunedAndFilled, unknownFields, withObjectFields } from '../../src/kubernetes/structural-schema.js'
import { makeValidator } from './crd-validation.js'
import { equal } from './json.js'
import { storedMeta, type KubeObject, type Resource } from './resource.js'
import { anything, intOrString, list, listBy, mapOf, objectMeta, setOf, struct, type Schema, type Struct } from './schema.js'
import { structuralProblems } from './structural-schema.js'

/*
 * Kinds of CustomResourceDefinitions. Objects are pruned, get defaults and are validated by the
 * structural schema, in this order. CEL rules (`x-kubernetes-validations`) are left out: an API server before 1.25
 * has none, and the hook must work without them.
 */

/** A cache by definition: compiling a schema takes longer than most tests. */
const made = new Map<string, Resource>()

/**
 * Makes the resource for the storage version of a CustomResourceDefinition.
 *
 * @throws Error if the API server would refuse the definition
 */
export function resourceOf (crd: JsonObject): Resource {
  const definition = JSON.stringify(crd)
  const resource = made.get(definition) ?? makeResource(crd)
  made.set(definition, resource)
  return resource
}

function makeResource (crd: JsonObject): Resource {
  const version = arrayAt(crd, 'spec', 'versions').find(version => valueAt(version, 'storage') === true)
  const openApi = valueAt(version, 'schema', 'openAPIV3Schema')
  const [kind = '', plural = ''] = ['kind', 'plural'].map(name => stringAt(crd, 'spec', 'names', name))
  for (const path of [['group'], ['scope'], ['names', 'kind'], ['names', 'plural']]) {
    if (stringAt(crd, 'spec', ...path) === undefined) throw new Error(`spec.${path.join('.')} is required`)
  }
  if (stringAt(version, 'name') === undefined) throw new Error('none of spec.versions is named and has storage: true')
  if (!isObject(openApi)) throw new Error(`version ${stringAt(version, 'name')} has no schema.openAPIV3Schema`)
  const problems = structuralProblems(openApi)
  if (problems.length > 0) throw new Error(`the schema of ${plural} is not structural: ${problems.join(', ')}`)
  const violations = makeValidator(openApi)
  const whole = withObjectFields(openApi)
  const hasStatus = valueAt(version, 'subresources', 'status') !== undefined
  return {
    apiVersion: `${stringAt(crd, 'spec', 'group')}/${stringAt(version, 'name')}`,
    kind,
    plural,
    namespaced: stringAt(crd, 'spec', 'scope') === 'Namespaced',
    schema: rootSchema(openApi),
    empty: {},
    hasGeneration: true,
    hasStatus,
    statusKeeps: [['metadata'], ['spec']],
    statusResets: [['spec']],
    unconditionalUpdate: false,
    read: (object, applied = false) => read(object, openApi, applied),
    validate: violations,
    isNewGeneration: ({ metadata: _, status, ...object }, { metadata: _old, status: oldStatus, ...old }) =>
      !equal(object, old) || (!hasStatus && !equal(status, oldStatus)),
    unknownFields: object => unknownFields(object, whole)
  }
}

function rootSchema (openApi: JsonObject): Struct {
  const root = mergeSchema(openApi)
  // If unknown fields are preserved, assume the usual fields of custom kinds.
  const fields = root.type === 'struct' ? root.fields : { spec: anything, status: anything, data: anything }
  return struct({ ...fields, apiVersion: anything, kind: anything, metadata: objectMeta })
}

/** The schema for merging values, from the OpenAPI schema. */
function mergeSchema (openApi: unknown): Schema {
  if (valueAt(openApi, 'x-kubernetes-int-or-string') === true) return intOrString
  const properties = valueAt(openApi, 'properties')
  switch (valueAt(openApi, 'type')) {
    case 'object': {
      const isAtomic = valueAt(openApi, 'x-kubernetes-map-type') === 'atomic'
      const preserves = valueAt(openApi, 'x-kubernetes-preserve-unknown-fields') === true
      const values = valueAt(openApi, 'additionalProperties')
      if (isObject(properties) && !preserves) {
        const fields = Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, mergeSchema(inner)]))
        return { ...struct(fields), atomic: isAtomic }
      }
      return values === undefined ? anything : { ...mapOf(mergeSchema(values)), atomic: isAtomic }
    }
    case 'array': {
      const items = mergeSchema(valueAt(openApi, 'items'))
      const type = valueAt(openApi, 'x-kubernetes-list-type')
      const keys = arrayAt(openApi, 'x-kubernetes-list-map-keys') as string[]
      return type === 'map' ? listBy(items, ...keys) : type === 'set' ? setOf(items) : list(items)
    }
    case undefined:
      return anything
    default:
      return { type: 'scalar', go: 'json' }
  }
}

function read (object: KubeObject, openApi: JsonObject, applied: boolean): KubeObject {
  const { apiVersion, kind, metadata, ...fields } = object
  return storedMeta({ ...(prunedAndFilled(fields, openApi, { applied }) as JsonObject), apiVersion, kind, metadata })
}
