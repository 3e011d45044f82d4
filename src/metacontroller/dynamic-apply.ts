import { parseJson } from '../kubernetes/json.js'
import { isDeeperThan, isObject, isTooDeep, stringAt, type JsonObject } from '../kubernetes/object.js'

/*
 * Dynamic apply, Metacontroller's default way of updating a child: a three-way merge of the observed, the last applied and
 * the desired object. Its rules are those of
 * https://github.com/metacontroller/metacontroller/blob/master/pkg/dynamic/apply/apply.go
 */

const lastAppliedAnnotation = 'metacontroller.k8s.io/last-applied-configuration'

/** The keys by which an array of objects is merged, in order of preference. */
const mergeKeys = ['containerPort', 'port', 'mountPath', 'name', 'uid', 'ip', 'path']

/** No merge key nests this deep. Each level is read again for every list of names around it. */
const maxNameDepth = 10

/**
 * The desired object that Metacontroller last applied to a child.
 *
 * @returns undefined if the child has no such annotation (server-side apply writes none), or an unusable one
 */
export function lastApplied (observed: JsonObject): JsonObject | undefined {
  const annotation = stringAt(observed, 'metadata', 'annotations', lastAppliedAnnotation)
  const parsed = annotation === undefined ? undefined : parseJson(annotation)
  return isObject(parsed) && !isTooDeep(parsed) ? parsed : undefined
}

/**
 * Finds the key by which arrays of objects are merged, as Metacontroller guesses it.
 *
 * @returns undefined if the arrays are replaced as a whole
 */
export function mergeKeyOf (...arrays: unknown[][]): string | undefined {
  const all = (test: (item: JsonObject) => boolean) => arrays.every(items => items.every(item => isObject(item) && test(item)))
  if (arrays.every(items => items.length === 0)) return undefined
  return mergeKeys.find(key => all(item => Object.hasOwn(item, key)))
}

/**
 * The items of an array by their merge key, built in one pass. If several have the same key, the last one counts, as in
 * Metacontroller.
 */
export class ItemsByKey {
  readonly #key: string
  readonly #items = new Map<string | undefined, JsonObject>()

  /** @param key that all items have, from {@link mergeKeyOf} */
  constructor (key: string, items: unknown[]) {
    this.#key = key
    for (const item of items as JsonObject[]) this.#items.set(nameOf(item[key]), item)
    this.#items.delete(undefined)
  }

  /** The item with the same merge key as another one; undefined if there is none. */
  like (item: unknown): JsonObject | undefined {
    return this.#items.get(nameOf((item as JsonObject)[this.#key]))
  }

  /** Each item that counts, in the order in which their keys first occur. */
  all (): JsonObject[] {
    return [...this.#items.values()]
  }
}

/**
 * A text that is equal for two values of a merge key if they name the same item. A port may be a number in one place and
 * a string in another; a name that is an object (`path` of a route) may have its keys in any order.
 *
 * @returns undefined if the value nests too deep to be a name
 */
function nameOf (value: unknown): string | undefined {
  if (typeof value !== 'object') return `text ${value}`
  return isDeeperThan(maxNameDepth, value) ? undefined : `JSON ${JSON.stringify(value, sortKeys)}`
}

function sortKeys (_: string, value: unknown): unknown {
  return isObject(value) ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => left < right ? -1 : 1)) : value
}

/**
 * Whether merging one value into another leaves the other unchanged: every field of an object exists and is equal, so does
 * every item of an array with a merge key, and anything else is equal. Items without a merge key may have more fields than
 * are desired: Metacontroller would send them again, but the API server would only set the same defaults again.
 */
export function isContained (part: unknown, whole: unknown): boolean {
  if (isObject(part)) {
    return isObject(whole) && Object.entries(part).every(([key, value]) => Object.hasOwn(whole, key) && isContained(value, whole[key]))
  }
  if (!Array.isArray(part)) return part === whole
  if (!Array.isArray(whole)) return false
  const key = mergeKeyOf(part, whole)
  if (key === undefined) return part.length === whole.length && part.every((item, index) => isContained(item, whole[index]))
  const items = new ItemsByKey(key, whole)
  return part.every(item => isContained(item, items.like(item)))
}

/**
 * Picks from an observed value the fields that another value of the same form has. Applying them again changes nothing:
 * they have these very values, and any field that was applied before and is left out no longer exists.
 *
 * @param shape what was last applied
 * @param observed the current value
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
    const items = new ItemsByKey(key, observed)
    return new ItemsByKey(key, shape).all().flatMap(item => {
      const found = items.like(item)
      return found === undefined ? [] : [project(item, found)]
    })
  }
  return observed
}
