import { distance } from 'fastest-levenshtein'
import { quote } from './field-error.js'
import { WrittenObjectMeta } from './object-meta.js'
import { isObject, valueAt, type JsonObject } from './object.js'

/*
 * How the API server processes an object by the structural schema of its CustomResourceDefinition.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */

const preserved = { 'x-kubernetes-preserve-unknown-fields': true }

/**
 * Prunes fields that are not in the schema, drops nulls where null is not allowed, and sets defaults, in this order: a
 * field that is null gets its default.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting-and-nullable
 *
 * @param value it is not modified
 * @param openApi a structural schema, or a part of one
 * @param options `applied`: whether it comes from server-side apply, which keeps a null without a default
 */
export function prunedAndFilled (value: unknown, openApi: unknown, { applied = false } = {}): unknown {
  if (Array.isArray(value)) return value.map(item => prunedAndFilled(item, valueAt(openApi, 'items'), { applied }))
  if (!isObject(value)) return value
  const result = new Map<string, unknown>()
  for (const [name, field] of Object.entries(value)) {
    const inner = schemaOf(name, openApi)
    if (inner === undefined && !preserves(openApi)) continue
    const isDropped = field === null && valueAt(inner, 'nullable') !== true && (!applied || valueAt(inner, 'default') !== undefined)
    if (isDropped) continue
    result.set(name, inner === undefined ? field : prunedAndFilled(field, inner, { applied }))
  }
  for (const [name, inner] of Object.entries(propertiesOf(openApi))) {
    const byDefault = valueAt(inner, 'default')
    if (!result.has(name) && byDefault !== undefined) result.set(name, prunedAndFilled(structuredClone(byDefault), inner, { applied }))
  }
  return Object.fromEntries(result)
}

/**
 * Finds the fields that are not in the schema: the API server rejects them with strict validation, and prunes them
 * otherwise.
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation
 *
 * @param openApi as for {@link prunedAndFilled}
 * @returns a line for each, worded like the server's, with the name that was probably meant
 */
export function unknownFields (value: unknown, openApi: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => unknownFields(item, valueAt(openApi, 'items'), `${path}[${index}]`))
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([name, field]) => {
    const inner = schemaOf(name, openApi)
    const fieldPath = path === '' ? name : `${path}.${name}`
    if (inner !== undefined) return unknownFields(field, inner, fieldPath)
    if (preserves(openApi) || openApi === undefined) return []
    const meant = nearest(name, Object.keys(propertiesOf(openApi)))
    return [`unknown field ${quote(fieldPath)}${meant === undefined ? '' : `: did you mean ${quote(meant)}?`}`]
  })
}

/**
 * The schema of a whole object: a CustomResourceDefinition's, which may omit the fields that every object has.
 *
 * @param openApi the schema of the CustomResourceDefinition
 */
export function withObjectFields (openApi: unknown): JsonObject {
  const text = { type: 'string' }
  return { ...(openApi as JsonObject | undefined), properties: { ...propertiesOf(openApi), apiVersion: text, kind: text, metadata: WrittenObjectMeta } }
}

/** The schema of a field; undefined if the object has no such field, or accepts any. */
function schemaOf (name: string, openApi: unknown): unknown {
  const isEmbedded = valueAt(openApi, 'x-kubernetes-embedded-resource') === true
  return valueAt(openApi, 'properties', name) ?? valueAt(openApi, 'additionalProperties') ??
    (isEmbedded && ['apiVersion', 'kind', 'metadata'].includes(name) ? preserved : undefined)
}

function propertiesOf (openApi: unknown): JsonObject {
  const properties = valueAt(openApi, 'properties')
  return isObject(properties) ? properties : {}
}

function preserves (openApi: unknown): boolean {
  return valueAt(openApi, 'x-kubernetes-preserve-unknown-fields') === true
}

/** The nearest name that differs by at most two letters, or a third of them, ignoring case. */
export function nearest (name: string, names: string[]): string | undefined {
  let best: string | undefined
  let least = Infinity
  for (const other of names) {
    const most = Math.min(Math.max(2, Math.ceil(other.length / 3)), other.length - 1, name.length - 1)
    if (Math.abs(other.length - name.length) > most) continue
    const letters = distance(name.toLowerCase(), other.toLowerCase())
    if (letters > most || letters >= least) continue
    best = other
    least = letters
  }
  return best
}
