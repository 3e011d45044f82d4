import { arrayAt, isDeeperThan, isObject, stringAt, valueAt, type JsonObject } from '../kubernetes/object.js'
import { AppliedItems } from './applied-items.js'

/*
 * Server-side apply, Metacontroller's other way of updating a child: the API server keeps account of who applied which
 * field. https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */

/** No child of ours nests this deep; what does was not written by us. */
const maxDepth = 100

/**
 * The fields that Metacontroller has applied to a child, in the form of `managedFields[].fieldsV1`. Metacontroller's
 * field manager can have any name, but it is the one that applies the owner references.
 *
 * @returns undefined when nobody has applied any (dynamic apply does not)
 */
export function appliedFields (observed: JsonObject): JsonObject | undefined {
  const entry = arrayAt(observed, 'metadata', 'managedFields').find(entry =>
    stringAt(entry, 'operation') === 'Apply' &&
    stringAt(entry, 'subresource') === undefined &&
    valueAt(entry, 'fieldsV1', 'f:metadata', 'f:ownerReferences') !== undefined)
  const fields = valueAt(entry, 'fieldsV1')
  return isObject(fields) && !isDeeperThan(maxDepth, fields) ? fields : undefined
}

/**
 * Takes the applied fields from an observed value. Applied again, they change neither a value nor an owner.
 *
 * @param fields from {@link appliedFields}: `f:<name>` for the field of an object, `k:<key>` for the item of an array
 * that has these values, `v:<value>` for an item that is the value; an empty object for the whole of what it names
 * (a field that was applied as `{}` looks like that too: do not desire any, or what others put in it becomes ours)
 * @param observed what is there now; of several items with one key the first is taken, for none can be applied twice
 */
export function pickFields (fields: JsonObject, observed: unknown): unknown {
  const parts = Object.entries(fields).filter(([part]) => part !== '.')
  if (parts.length === 0) return observed
  if (Array.isArray(observed)) return pickItems(new AppliedItems(parts), observed)
  if (!isObject(observed)) return observed
  return Object.fromEntries(parts
    .map(([part, inner]) => [part.slice(2), inner] as const)
    .filter(([name]) => Object.hasOwn(observed, name))
    .map(([name, inner]) => [name, pickFields(isObject(inner) ? inner : {}, observed[name])]))
}

/** The items that have been applied. Going by the items, not the keys, keeps their order. */
function pickItems (applied: AppliedItems, items: unknown[]): unknown[] {
  return items.flatMap(item => {
    const fields = applied.take(item)
    return fields === undefined ? [] : [pickFields(fields, item)]
  })
}
