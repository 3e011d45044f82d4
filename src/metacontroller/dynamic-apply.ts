import { isDeeperThan, isObject, stringAt, type JsonObject } from '../kubernetes/object.js'

/*
 * Dynamic apply, Metacontroller's default way of updating a child: a three-way merge of what was observed, what was
 * last applied, and what is desired. Its rules are those of
 * https://github.com/metacontroller/metacontroller/blob/master/pkg/dynamic/apply/apply.go
 */

const lastAppliedAnnotation = 'metacontroller.k8s.io/last-applied-configuration'

/** The keys that make an array of objects a map, in their order of preference. */
const mergeKeys = ['containerPort', 'port', 'mountPath', 'name', 'uid', 'ip', 'path']

/** No child of ours nests this deep; what does was not written by us. */
const maxDepth = 100

/**
 * The object that Metacontroller was asked for when it last applied this child.
 *
 * @returns undefined when the child has no such annotation (server-side apply writes none), or one that is not usable
 */
export function lastApplied (observed: JsonObject): JsonObject | undefined {
  const annotation = stringAt(observed, 'metadata', 'annotations', lastAppliedAnnotation)
  if (annotation === undefined) return undefined
  try {
    const parsed: unknown = JSON.parse(annotation)
    return isObject(parsed) && !isDeeperThan(maxDepth, parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

/**
 * Finds the key by which arrays of objects are merged item by item, as Metacontroller guesses it.
 *
 * @returns undefined when the arrays are replaced as a whole
 */
export function mergeKeyOf (...arrays: unknown[][]): string | undefined {
  const items = arrays.flat()
  if (items.length === 0 || !items.every(isObject)) return undefined
  return mergeKeys.find(key => items.every(item => Object.hasOwn(item, key)))
}

/** The item of an array that has the same merge key as another item; of several the last, as Metacontroller takes it. */
export function itemLike (item: unknown, key: string, array: unknown[]): unknown {
  const name = (item as JsonObject)[key]
  return array.findLast(candidate => isSameName(name, (candidate as JsonObject)[key]))
}

/** A port may be a number here and a string there; a name that is an object (`path` of a route) is not to be printed. */
function isSameName (one: unknown, other: unknown): boolean {
  if (typeof one === 'object' || typeof other === 'object') return isContained(one, other) && isContained(other, one)
  return String(one) === String(other)
}

/**
 * Tells whether merging one value into another would leave the other as it is: every field of an object is there and
 * the same, every item of an array with a merge key too, and all else is equal. Items without a merge key may have more
 * fields than are desired: Metacontroller would send them again, but the API server would only fill the fields in again.
 */
export function isContained (part: unknown, whole: unknown): boolean {
  if (isObject(part)) {
    return isObject(whole) && Object.entries(part).every(([key, value]) => Object.hasOwn(whole, key) && isContained(value, whole[key]))
  }
  if (!Array.isArray(part)) return part === whole
  if (!Array.isArray(whole)) return false
  const key = mergeKeyOf(part, whole)
  if (key === undefined) return part.length === whole.length && part.every((item, index) => isContained(item, whole[index]))
  return part.every(item => isContained(item, itemLike(item, key, whole)))
}

/**
 * Takes from an observed value the fields that another value of the same form has. Applied again, they change nothing:
 * they are there with these very values, and nothing that was applied before is left out but what is gone already.
 *
 * @param shape what was last applied
 * @param observed what is there now
 */
export function project (shape: unknown, observed: unknown): unknown {
  if (isObject(shape) && isObject(observed)) {
    return Object.fromEntries(Object.keys(shape)
      .filter(key => Object.hasOwn(observed, key))
      .map(key => [key, project(shape[key], observed[key])]))
  }
  if (Array.isArray(shape) && Array.isArray(observed)) {
    const key = mergeKeyOf(shape, observed)
    if (key === undefined) return observed
    return shape.flatMap(item => {
      const found = itemLike(item, key, observed)
      return found === undefined ? [] : [project(item, found)]
    })
  }
  return observed
}
