import { arrayAt, isObject, isTooDeep, stringAt, valueAt, type JsonObject } from '../kubernetes/object.js'
import { AppliedItems } from './applied-items.js'

/*
 * Server-side apply, Metacontroller's other way of updating a child: the API server records who applied which field.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */

/**
 * The fields that Metacontroller has applied to a child, in the form of `managedFields[].fieldsV1`. Metacontroller's field
 * manager can have any name, but only it applies the owner references.
 *
 * @returns undefined if nothing was applied (dynamic apply does not)
 */
export function appliedFields (observed: JsonObject): JsonObject | undefined {
  const entry = arrayAt(observed, 'metadata', 'managedFields').find(entry =>
    stringAt(entry, 'operation') === 'Apply' &&
    stringAt(entry, 'subresource') === undefined &&
    valueAt(entry, 'fieldsV1', 'f:metadata', 'f:ownerReferences') !== undefined)
  const fields = valueAt(entry, 'fieldsV1')
  return isObject(fields) && !isTooDeep(fields) ? fields : undefined
}

/**
 * Picks the applied fields from an observed value. Applying them again changes neither a value nor an owner.
 *
 * @param fields from {@link appliedFields}: `f:<name>` for a field of an object, `k:<key>` for an item of an array with
 * these values, `v:<value>` for an item that is the value; an empty object stands for a whole value (so does a field that
 * was applied as `{}`: do not desire any, or what others add to it becomes ours)
 * @param observed the current value; of several items with the same key the first is used, as only one can be applied
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

/** The items that have been applied, in the order of the observed ones. */
function pickItems (applied: AppliedItems, items: unknown[]): unknown[] {
  return items.flatMap(item => {
    const fields = applied.take(item)
    return fields === undefined ? [] : [pickFields(fields, item)]
  })
}
