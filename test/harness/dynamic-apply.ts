import { isObject, stringAt, type JsonObject } from '../../src/kubernetes/object.js'
import { copy, goJson, ownAt, put } from './json.js'

/*
 * Metacontroller's dynamic apply, written after
 * https://github.com/metacontroller/metacontroller/blob/master/pkg/dynamic/apply/apply.go, independently of the version
 * in src/metacontroller/, so that each finds the other's mistakes.
 */

export const lastAppliedAnnotation = 'metacontroller.k8s.io/last-applied-configuration'

/** An array is a map by the first of these keys that all items have in all versions. */
const keys = ['containerPort', 'port', 'mountPath', 'name', 'uid', 'ip', 'path']

/** Three-way merge: removes what was last applied and is no longer desired, sets what is desired, and keeps the rest. */
export function merge (observed: unknown, last: unknown, desired: unknown): unknown {
  if (isObject(observed)) return mergeObjects(observed, objectOr(last), objectOr(desired))
  if (Array.isArray(observed)) return mergeArrays(observed, arrayOr(last), Array.isArray(desired) ? desired : undefined)
  return desired
}

const objectOr = (value: unknown): JsonObject => isObject(value) ? value : {}
const arrayOr = (value: unknown): unknown[] => Array.isArray(value) ? value : []

function mergeObjects (observed: JsonObject, last: JsonObject, desired: JsonObject): JsonObject {
  const result = { ...observed }
  for (const key of Object.keys(last)) {
    if (!Object.hasOwn(desired, key)) delete result[key]
  }
  for (const [key, value] of Object.entries(desired)) put(result, key, merge(ownAt(result, key), ownAt(last, key), value))
  return result
}

function mergeArrays (observed: unknown[], last: unknown[], desired: unknown[] | undefined): unknown {
  const key = mergeKeyOf(observed, last, desired ?? [])
  if (key === undefined) return desired ?? null
  const merged = mergeObjects(byKey(key, observed), byKey(key, last), byKey(key, desired ?? []))
  const result: unknown[] = []
  const added = new Set<string>()
  // Existing items keep their order; new ones come after them.
  for (const item of observed) {
    const name = nameOf(item, key)
    if (!Object.hasOwn(merged, name)) continue
    result.push(merged[name])
    added.add(name)
  }
  for (const item of desired ?? []) {
    const name = nameOf(item, key)
    if (added.has(name)) continue
    result.push(merged[name])
    added.add(name)
  }
  return result
}

function mergeKeyOf (...arrays: unknown[][]): string | undefined {
  const items = arrays.flat()
  if (items.length === 0 || !items.every(isObject)) return undefined
  return keys.find(key => items.every(item => Object.hasOwn(item, key)))
}

const nameOf = (item: unknown, key: string) => String((item as JsonObject)[key])

function byKey (key: string, items: unknown[]): JsonObject {
  // Without a prototype, because an item can have the name of one of its properties.
  const result: JsonObject = Object.create(null)
  for (const item of items) result[nameOf(item, key)] = item
  return result
}

/** Fields of the system, which apply does not change. */
export const systemFields = [
  'selfLink', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'managedFields'
]

/** A desired object without the annotation, which only Metacontroller sets. */
export function withoutLastApplied<T extends { metadata: object }> (object: T): T {
  const annotations = (object.metadata as JsonObject)['annotations']
  if (!isObject(annotations) || !Object.hasOwn(annotations, lastAppliedAnnotation)) return object
  const { [lastAppliedAnnotation]: _, ...rest } = annotations
  return { ...object, metadata: { ...object.metadata, annotations: rest } }
}

/** The object with the last-applied annotation. */
export function withLastApplied<T extends { metadata: object }> (object: T, desired: unknown): T {
  const annotations = objectOr((object.metadata as JsonObject)['annotations'])
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, [lastAppliedAnnotation]: goJson(desired) } } }
}

/**
 * The object of an update: observed and desired merged, with the observed system fields.
 *
 * @throws Error if the annotation is not a JSON object
 */
export function applyUpdate (observed: JsonObject & { metadata: object }, desired: JsonObject & { metadata: object }): JsonObject & { metadata: object } {
  const annotation = stringAt(observed, 'metadata', 'annotations', lastAppliedAnnotation)
  const last: unknown = annotation === undefined ? {} : parseLastApplied(annotation)
  const update = withoutLastApplied(desired)
  const merged = copy(merge(observed, last, update)) as JsonObject & { metadata: object }
  const metadata = objectOr(merged.metadata)
  for (const name of systemFields) revert(metadata, observed.metadata as JsonObject, name)
  const result = { ...merged, metadata }
  revert(result, observed, 'status')
  return withLastApplied(result, update)
}

function parseLastApplied (annotation: string): JsonObject {
  try {
    const last: unknown = JSON.parse(annotation)
    if (isObject(last) || last === null) return last ?? {}
  } catch {
    // Reported like JSON of another type.
  }
  throw new Error(`can't unmarshal "${lastAppliedAnnotation}" annotation: ${annotation}`)
}

function revert (target: JsonObject, original: JsonObject, name: string): void {
  if (Object.hasOwn(original, name)) target[name] = original[name]
  else delete target[name]
}
