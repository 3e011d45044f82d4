import { isObject } from '../../src/kubernetes/object.js'

/*
 * Metacontroller's dynamic apply, written anew for tests after its rules: what it would make of an observed child.
 * https://github.com/metacontroller/metacontroller/blob/master/pkg/controller/common/manage_children.go (ApplyUpdate)
 */

export const lastAppliedAnnotation = 'metacontroller.k8s.io/last-applied-configuration'

const systemFields = ['selfLink', 'uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds', 'managedFields']

/** The child after dynamic apply; the annotation has its keys sorted, as Go's JSON has. */
export function applyUpdate (observed: any, desired: any): any {
  const annotation = observed.metadata?.annotations?.[lastAppliedAnnotation]
  const merged: any = merge(observed, annotation === undefined ? undefined : JSON.parse(annotation), desired)
  for (const field of systemFields) restore(merged.metadata, observed.metadata, field)
  restore(merged, observed, 'status')
  merged.metadata = { ...merged.metadata, annotations: { ...merged.metadata.annotations, [lastAppliedAnnotation]: toGoJson(desired) } }
  return merged
}

/** JSON with sorted keys. */
export function toGoJson (value: unknown): string {
  return JSON.stringify(value, (_, inner) => isObject(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => a < b ? -1 : 1)) : inner)
}

function restore (object: any, before: any, field: string): void {
  if (before?.[field] === undefined) delete object[field]
  else object[field] = before[field]
}

function merge (observed: unknown, last: unknown, desired: unknown): unknown {
  if (isObject(observed)) return mergeObject(observed, isObject(last) ? last : {}, isObject(desired) ? desired : {})
  if (Array.isArray(observed)) return mergeArray(observed, Array.isArray(last) ? last : [], Array.isArray(desired) ? desired : [])
  return desired
}

function mergeObject (observed: any, last: any, desired: any): any {
  const result: any = Object.fromEntries(Object.entries(observed).filter(([key]) => !(Object.hasOwn(last, key) && !Object.hasOwn(desired, key))))
  for (const key of Object.keys(desired)) result[key] = merge(result[key], last[key], desired[key])
  return result
}

function mergeArray (observed: any[], last: any[], desired: any[]): any[] {
  const items = [...observed, ...last, ...desired]
  const mergeKey = ['containerPort', 'port', 'mountPath', 'name', 'uid', 'ip', 'path']
    .find(key => items.length > 0 && items.every(item => isObject(item) && Object.hasOwn(item, key)))
  if (mergeKey === undefined) return desired
  const asMap = (list: any[]) => Object.fromEntries(list.map(item => [String(item[mergeKey]), item]))
  const merged = mergeObject(asMap(observed), asMap(last), asMap(desired))
  const order = [...new Set([...observed, ...desired].map(item => String(item[mergeKey])))]
  return order.filter(name => Object.hasOwn(merged, name)).map(name => merged[name])
}
