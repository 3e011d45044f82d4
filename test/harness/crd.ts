import { arrayAt, isObject, stringAt, valueAt, type JsonObject } from '../../src/kubernetes/object.js'
import { equal } from './json.js'
import { storedMeta, type KubeObject, type Resource } from './resource.js'
import { anything, intOrString, list, listBy, mapOf, objectMeta, setOf, struct, type Schema, type Struct } from './schema.js'

/*
 * Kinds that a CustomResourceDefinition makes. What is asked for is pruned, given defaults and validated by the
 * structural schema, in this order. Its CEL rules (`x-kubernetes-validations`) are left out: an API server before 1.25
 * knows none, and the hook must do without.
 */

/** Makes what the API server has to know of the storage version of a kind. */
export function resourceOf (crd: JsonObject): Resource {
  const version = arrayAt(crd, 'spec', 'versions').find(version => valueAt(version, 'storage') === true)
  const openApi = valueAt(version, 'schema', 'openAPIV3Schema')
  const kind = stringAt(crd, 'spec', 'names', 'kind')
  const plural = stringAt(crd, 'spec', 'names', 'plural')
  if (!isObject(openApi) || kind === undefined || plural === undefined) throw new Error('not a usable CustomResourceDefinition')
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
    validate: ({ apiVersion, kind, metadata, ...fields }) => violations(fields, openApi, ''),
    isNewGeneration: ({ metadata: _, status, ...object }, { metadata: _old, status: oldStatus, ...old }) =>
      !equal(object, old) || (!hasStatus && !equal(status, oldStatus))
  }
}

function rootSchema (openApi: JsonObject): Struct {
  const root = mergeSchema(openApi)
  return struct({ ...(root.type === 'struct' && root.fields), apiVersion: anything, kind: anything, metadata: objectMeta })
}

/** How values are merged, from the OpenAPI schema. */
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
  return storedMeta({ ...(prunedAndFilled(fields, openApi, applied) as JsonObject), apiVersion, kind, metadata })
}

/** Prunes what the schema does not have, drops null unless it was applied, and fills in defaults. */
function prunedAndFilled (value: unknown, openApi: unknown, applied: boolean): unknown {
  if (Array.isArray(value)) return value.map(item => prunedAndFilled(item, valueAt(openApi, 'items'), applied))
  if (!isObject(value)) return value
  const properties = valueAt(openApi, 'properties')
  const values = valueAt(openApi, 'additionalProperties')
  const preserves = valueAt(openApi, 'x-kubernetes-preserve-unknown-fields') === true
  const result: JsonObject = {}
  for (const [name, field] of Object.entries(value)) {
    const inner = valueAt(properties, name) ?? values
    if (inner === undefined && !preserves) continue
    const isDropped = field === null && valueAt(inner, 'nullable') !== true && (!applied || valueAt(inner, 'default') !== undefined)
    if (isDropped) continue
    result[name] = inner === undefined ? field : prunedAndFilled(field, inner, applied)
  }
  for (const [name, inner] of Object.entries(isObject(properties) ? properties : {})) {
    const byDefault = valueAt(inner, 'default')
    if (result[name] === undefined && byDefault !== undefined) result[name] = prunedAndFilled(structuredClone(byDefault), inner, applied)
  }
  return result
}

/** The problems that the API server finds, worded as it words them. */
function violations (value: unknown, openApi: unknown, path: string): string[] {
  if (valueAt(openApi, 'x-kubernetes-int-or-string') === true) {
    if (typeof value === 'string') return textProblems(value, openApi, path)
    return Number.isInteger(value) ? [] : [typeProblem(value, 'integer,string', path)]
  }
  const type = stringAt(openApi, 'type')
  if (type !== undefined && !isOfType(value, type)) return [typeProblem(value, type, path)]
  const problems: string[] = []
  const values = valueAt(openApi, 'enum')
  if (Array.isArray(values) && !values.includes(value)) {
    problems.push(`${path}: Unsupported value: ${JSON.stringify(value)}: supported values: ${values.map(one => JSON.stringify(one)).join(', ')}`)
  }
  if (typeof value === 'string') problems.push(...textProblems(value, openApi, path))
  if (typeof value === 'number') problems.push(...numberProblems(value, openApi, path))
  if (Array.isArray(value)) problems.push(...value.flatMap((item, index) => violations(item, valueAt(openApi, 'items'), `${path}[${index}]`)))
  if (isObject(value)) problems.push(...objectProblems(value, openApi, path))
  return problems
}

function objectProblems (value: JsonObject, openApi: unknown, path: string): string[] {
  const at = (name: string) => path === '' ? name : `${path}.${name}`
  const most = valueAt(openApi, 'maxProperties')
  const count = Object.keys(value).length
  return [
    ...(typeof most === 'number' && count > most ? [`${path}: Too many: ${count}: must have at most ${most} items`] : []),
    ...arrayAt(openApi, 'required').filter(name => value[name as string] === undefined).map(name => `${at(name as string)}: Required value`),
    ...Object.entries(value).flatMap(([name, field]) => {
      const property = valueAt(openApi, 'properties', name)
      if (property !== undefined) return violations(field, property, at(name))
      const inner = valueAt(openApi, 'additionalProperties')
      return inner === undefined ? [] : violations(field, inner, `${path}.${name}`)
    })
  ]
}

function textProblems (value: string, openApi: unknown, path: string): string[] {
  const most = valueAt(openApi, 'maxLength')
  const least = valueAt(openApi, 'minLength')
  const pattern = stringAt(openApi, 'pattern')
  const length = [...value].length
  return [
    ...(typeof most === 'number' && length > most ? [`${path}: Too long: may not be more than ${most} bytes`] : []),
    ...(typeof least === 'number' && length < least ? [`${path}: Invalid value: "${value}": ${path} in body should be at least ${least} chars long`] : []),
    ...(pattern !== undefined && !new RegExp(pattern, 'u').test(value) ? [`${path}: Invalid value: "${value}": ${path} in body should match '${pattern}'`] : []),
    ...(stringAt(openApi, 'format') === 'date-time' && !isDateTime(value) ? [`${path}: Invalid value: "${value}": ${path} in body must be of type date-time: "${value}"`] : [])
  ]
}

function isDateTime (value: string): boolean {
  return /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/.test(value) && !Number.isNaN(Date.parse(value))
}

function numberProblems (value: number, openApi: unknown, path: string): string[] {
  const least = valueAt(openApi, 'minimum')
  const most = valueAt(openApi, 'maximum')
  return [
    ...(typeof least === 'number' && value < least ? [`${path}: Invalid value: ${value}: ${path} in body should be greater than or equal to ${least}`] : []),
    ...(typeof most === 'number' && value > most ? [`${path}: Invalid value: ${value}: ${path} in body should be less than or equal to ${most}`] : [])
  ]
}

function isOfType (value: unknown, type: string): boolean {
  switch (type) {
    case 'object': return isObject(value)
    case 'array': return Array.isArray(value)
    case 'integer': return Number.isInteger(value)
    case 'string': return typeof value === 'string'
    case 'number': return typeof value === 'number'
    default: return typeof value === 'boolean'
  }
}

function typeProblem (value: unknown, expected: string, path: string): string {
  const type = value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value
  return `${path}: Invalid value: ${JSON.stringify(type)}: ${path} in body must be of type ${expected}: ${JSON.stringify(type)}`
}
