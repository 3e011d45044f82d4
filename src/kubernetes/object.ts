import { Type, type Static } from '@sinclair/typebox'
import { dnsSubdomainPattern, dnsLabelPattern } from './names.js'

/**
 * Any JSON object, read as data: its fields have no known types.
 */
export type JsonObject = Record<string, unknown>

/** Whether a JSON value is an object (neither an array nor null). */
export function isObject (value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The value at a path of keys; undefined if there is none.
 * Reads own properties only, so that a key such as `constructor` finds nothing.
 */
export function valueAt (value: unknown, ...path: string[]): unknown {
  let current = value
  for (const key of path) {
    if (!isObject(current) || !Object.hasOwn(current, key)) return undefined
    current = current[key]
  }
  return current
}

/** The string at a path of keys; undefined if there is none or it is empty. */
export function stringAt (value: unknown, ...path: string[]): string | undefined {
  const found = valueAt(value, ...path)
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** The array at a path of keys; empty if there is none. */
export function arrayAt (value: unknown, ...path: string[]): unknown[] {
  const found = valueAt(value, ...path)
  return Array.isArray(found) ? found : []
}

/** Whether two JSON values are equal, in any order of keys. Recurses only as deep as the first one. */
export function isEqual (one: unknown, other: unknown): boolean {
  if (Array.isArray(one)) {
    return Array.isArray(other) && one.length === other.length && one.every((item, index) => isEqual(item, other[index]))
  }
  if (!isObject(one) || !isObject(other)) return one === other
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every(key => Object.hasOwn(other, key) && isEqual(one[key], other[key]))
}

/** Whether a JSON value nests deeper than a limit. One with many thousands of levels overflows the stack of a recursive function. */
export function isDeeperThan (limit: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return limit === 0 || Object.values(value).some(item => isDeeperThan(limit - 1, item))
}

/** Whether a JSON value nests deeper than any field of a Kubernetes object. An answer with it could not be serialized. */
export function isTooDeep (value: unknown): boolean {
  return isDeeperThan(100, value)
}

/**
 * The metadata that the API server gives every stored namespaced object.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
 */
export const ObjectMeta = Type.Object({
  name: Type.String({ maxLength: 253, pattern: dnsSubdomainPattern }),
  namespace: Type.String({ maxLength: 63, pattern: dnsLabelPattern }),
  uid: Type.String({ minLength: 1 }),
  generation: Type.Integer({ minimum: 0 }),
  deletionTimestamp: Type.Optional(Type.Union([Type.String(), Type.Null()]))
})

export type ObjectMeta = Static<typeof ObjectMeta>

/** The identity of a desired object; the other fields depend on its kind. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: { name: string, namespace?: string, labels?: Record<string, string>, finalizers?: string[] }
}
