import { isObject, type JsonObject } from '../../src/kubernetes/object.js'

/*
 * Metacontroller's dynamic apply, implemented again for tests: the result for an observed child.
 * https://github.com/metacontroller/metacontroller/blob/master/pkg/dynamic/apply/apply.go (Merge)
 * https://github.com/metacontroller/metacontroller/blob/master/pkg/controller/common/manage_children.go (ApplyUpdate)
 */

export const lastAppliedAnnotation = 'metacontroller.k8s.io/last-applied-configuration'

const systemFields = ['selfLink', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'managedFields']

const mergeKeys = ['containerPort', 'port', 'mountPath', 'name', 'uid', 'ip', 'path']

/** The child after dynamic apply. */
export function applyUpdate (observed: any, desired: any): any {
  const annotation = observed.metadata?.annotations?.[lastAppliedAnnotation]
  const sent = withoutLastApplied(desired)
  const merged: any = merge(observed, annotation ? JSON.parse(annotation) : undefined, sent)
  for (const field of systemFields) restore(merged.metadata, observed.metadata, field)
  restore(merged, observed, 'status')
  return { ...merged, metadata: { ...merged.metadata, annotations: { ...merged.metadata.annotations, [lastAppliedAnnotation]: toGoJson(sent) } } }
}

/** The child as dynamic apply creates it. */
export function applyCreate (desired: any): any {
  return applyUpdate({ metadata: {} }, desired)
}

/** An object without the annotation of dynamic apply. */
export function withoutLastApplied (object: any): any {
  if (object.metadata?.annotations === undefined) return object
  const { [lastAppliedAnnotation]: _, ...annotations } = object.metadata.annotations
  return { ...object, metadata: { ...object.metadata, annotations } }
}

/** JSON with sorted keys, as Go writes it. */
export function toGoJson (value: unknown): string {
  return JSON.stringify(value, (_, inner) => isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a < b ? -1 : 1)) : inner)
}

function restore (object: any, before: any, field: string): void {
  if (before?.[field] === undefined) delete object[field]
  else object[field] = before[field]
}

/** A value of another type than the observed one counts as absent. */
export function merge (observed: unknown, last: unknown, desired: unknown): unknown {
  if (isObject(observed)) return Object.fromEntries(mergeMaps(entriesOf(observed), entriesOf(last), entriesOf(desired)))
  if (Array.isArray(observed)) return mergeArrays(observed, Array.isArray(last) ? last : [], Array.isArray(desired) ? desired : null)
  return desired
}

function entriesOf (value: unknown): Map<string, unknown> {
  return new Map(isObject(value) ? Object.entries(value) : [])
}

function mergeMaps (observed: Map<string, unknown>, last: Map<string, unknown>, desired: Map<string, unknown>): Map<string, unknown> {
  const result = new Map([...observed].filter(([key]) => desired.has(key) || !last.has(key)))
  for (const [key, value] of desired) result.set(key, merge(result.get(key), last.get(key), value))
  return result
}

function mergeArrays (observed: unknown[], last: unknown[], replacement: unknown[] | null): unknown[] | null {
  const desired = replacement ?? []
  const items = [...observed, ...last, ...desired]
  const mergeKey = items.every(isObject) ? mergeKeys.find(key => items.length > 0 && items.every(item => Object.hasOwn(item, key))) : undefined
  if (mergeKey === undefined) return replacement
  const nameOf = (item: unknown) => toGoJson((item as JsonObject)[mergeKey]).replace(/^"(.*)"$/, '$1')
  const asMap = (list: unknown[]) => new Map(list.map(item => [nameOf(item), item]))
  const merged = mergeMaps(asMap(observed), asMap(last), asMap(desired))
  const there = observed.map(nameOf)
  const added = [...asMap(desired).keys()].filter(name => !there.includes(name))
  return [...there.filter(name => merged.has(name)), ...added].map(name => merged.get(name))
}
