import { parseJson } from '../kubernetes/json.js'
import { isObject, valueAt, type JsonObject } from '../kubernetes/object.js'

/** Keys of a list's items normally have the same fields; a few more, in case its schema has changed. */
const maxKeyFields = 8

/**
 * The items of a list that have been applied, by their key: `k:{"name":"a"}` or `v:"a"`. Each key is parsed once, and
 * found without searching through the others.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
 */
export class AppliedItems {
  /** By the value, for items that are values. */
  readonly #members = new Map<unknown, JsonObject>()
  /** By the names of the key's fields, then by their values. */
  readonly #keyed = new Map<string, { names: string[], byValues: Map<string, JsonObject> }>()

  /** @param parts the entries of the list's `fieldsV1`, without `.` */
  constructor (parts: Array<[part: string, fields: unknown]>) {
    for (const [part, inner] of parts) {
      const key = parseJson(part.slice(2))
      const fields = isObject(inner) ? inner : {}
      if (isObject(key)) this.#add(key, fields)
      else getOrAdd(this.#members, key, () => fields)
    }
  }

  #add (key: JsonObject, fields: JsonObject): void {
    const names = Object.keys(key)
    const values = textOf(Object.values(key))
    const id = JSON.stringify(names)
    if (values === undefined || (!this.#keyed.has(id) && this.#keyed.size === maxKeyFields)) return
    const { byValues } = getOrAdd(this.#keyed, id, () => ({ names, byValues: new Map<string, JsonObject>() }))
    getOrAdd(byValues, values, () => fields)
  }

  /** The applied fields of an item, if it was applied; later items with the same key have none. */
  take (item: unknown): JsonObject | undefined {
    if (!isObject(item)) return takeFrom(this.#members, item)
    for (const { names, byValues } of this.#keyed.values()) {
      const values = textOf(names.map(name => valueAt(item, name)))
      const fields = values === undefined ? undefined : takeFrom(byValues, values)
      if (fields !== undefined) return fields
    }
    return undefined
  }
}

function takeFrom<Key> (map: Map<Key, JsonObject>, key: Key): JsonObject | undefined {
  const value = map.get(key)
  map.delete(key)
  return value
}

function getOrAdd<Key, Value> (map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const value = map.get(key) ?? make()
  map.set(key, value)
  return value
}

/** The values of a key as a text; undefined if one is missing or cannot be part of a key. */
function textOf (values: unknown[]): string | undefined {
  return values.every(value => value === null || (typeof value !== 'object' && value !== undefined)) ? JSON.stringify(values) : undefined
}
