import { isObject, type JsonObject } from '../../src/kubernetes/object.js'

/** Whether two JSON values are equal, in any order of their keys. An absent key differs from a null one. */
export function equal (left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((item, index) => equal(item, right[index]))
  }
  if (!isObject(left) || !isObject(right)) return false
  const keys = Object.keys(left)
  return keys.length === Object.keys(right).length && keys.every(key => Object.hasOwn(right, key) && equal(left[key], right[key]))
}

/** The value of an object's own key: every object inherits `constructor`. */
export const ownAt = (object: JsonObject, key: string): unknown => Object.hasOwn(object, key) ? object[key] : undefined

/** Sets a key of an object, also one such as `__proto__`. */
export function put (target: JsonObject, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, configurable: true, enumerable: true, writable: true })
  else target[key] = value
}

/** Copies a JSON value; keys that are undefined are left out. */
export function copy<T> (value: T): T {
  if (Array.isArray(value)) return value.map(copy) as T
  if (!isObject(value)) return value
  const result: JsonObject = {}
  for (const key in value) if (value[key] !== undefined) put(result, key, copy(value[key]))
  return result as T
}

/** The next value, sharing its unchanged parts with the previous one: they are stored and compared once. */
export function share<T> (next: T, before: unknown): T {
  if (next === before) return next
  if (Array.isArray(next) && Array.isArray(before)) {
    const items = next.map((item, index) => share(item, before[index]))
    return (items.length === before.length && items.every((item, index) => item === before[index]) ? before : items) as T
  }
  if (!isObject(next) || !isObject(before)) return next
  let isSame = true
  let count = 0
  const result: JsonObject = {}
  for (const key in next) {
    const value = share(next[key], before[key])
    put(result, key, value)
    isSame &&= value === before[key] && Object.hasOwn(before, key)
    count++
  }
  return (isSame && count === Object.keys(before).length ? before : result) as T
}

/** Freezes a JSON value, so that it can be returned without a copy. */
export function freeze<T> (value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const item of Object.values(value)) freeze(item)
  return value
}

/** Writes JSON as Go's encoding/json does: keys are sorted, and `<`, `>`, `&` are escaped. */
export function goJson (value: unknown): string {
  return JSON.stringify(sorted(value)).replace(/[<>&\u2028\u2029]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function sorted (value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.keys(value).sort().map(key => [key, sorted(value[key])]))
}
