/*
 * What the API server knows about a kind's fields: enough to store an object as the real one does, and to merge an
 * applied configuration.
 */

/** A number, string or boolean. */
export interface Scalar {
  type: 'scalar'
  /**
   * How the server stores it. For the Go types, pointers (`*`) are stored even if they are empty; other empty
   * values are dropped. A quantity is written in its canonical form. `json` is stored unchanged.
   */
  go: 'string' | '*string' | 'bool' | '*bool' | 'int' | '*int' | 'quantity' | 'intOrString' | 'json'
}

/** An object with known fields. */
export interface Struct {
  type: 'struct'
  fields: Record<string, Schema>
  /** Applied as a whole or not at all. */
  atomic?: boolean
  /** Present even if empty: a Go struct that is not a pointer. */
  always?: boolean
}

/** An object with any keys. */
export interface MapOf {
  type: 'map'
  values: Schema
  atomic?: boolean
}

/** An array. With keys it is a map of its items; otherwise it is replaced as a whole. */
export interface ListOf {
  type: 'list'
  items: Schema
  keys?: string[]
  /** A set: each value is present or not. */
  set?: boolean
}

/** No schema: an object is a map, an array is replaced as a whole. */
export interface Anything {
  type: 'any'
}

export type Schema = Scalar | Struct | MapOf | ListOf | Anything

export const text: Schema = { type: 'scalar', go: 'string' }
export const optionalText: Schema = { type: 'scalar', go: '*string' }
export const flag: Schema = { type: 'scalar', go: 'bool' }
export const optionalFlag: Schema = { type: 'scalar', go: '*bool' }
export const integer: Schema = { type: 'scalar', go: 'int' }
export const optionalInteger: Schema = { type: 'scalar', go: '*int' }
export const quantity: Schema = { type: 'scalar', go: 'quantity' }
export const intOrString: Schema = { type: 'scalar', go: 'intOrString' }
export const anything: Schema = { type: 'any' }

export const struct = (fields: Record<string, Schema>): Struct => ({ type: 'struct', fields })
export const always = (fields: Record<string, Schema>): Struct => ({ type: 'struct', fields, always: true })
export const mapOf = (values: Schema): MapOf => ({ type: 'map', values })
export const atomic = <T extends Struct | MapOf>(schema: T): T => ({ ...schema, atomic: true })
export const list = (items: Schema): ListOf => ({ type: 'list', items })
export const setOf = (items: Schema): ListOf => ({ type: 'list', items, set: true })
export const listBy = (items: Schema, ...keys: string[]): ListOf => ({ type: 'list', items, keys })

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ */
export const objectMeta: Struct = always({
  name: text,
  generateName: text,
  namespace: text,
  uid: text,
  resourceVersion: text,
  generation: integer,
  creationTimestamp: text,
  deletionTimestamp: text,
  deletionGracePeriodSeconds: optionalInteger,
  labels: mapOf(optionalText),
  annotations: mapOf(optionalText),
  finalizers: setOf(optionalText),
  ownerReferences: listBy(atomic(struct({
    apiVersion: optionalText,
    kind: optionalText,
    name: optionalText,
    uid: optionalText,
    controller: optionalFlag,
    blockOwnerDeletion: optionalFlag
  })), 'uid'),
  managedFields: list(anything)
})
