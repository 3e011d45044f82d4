import { isObject, type JsonObject } from '../../src/kubernetes/object.js'
import { FieldSet } from './field-set.js'
import { equal, goJson, ownAt, put } from './json.js'
import { anything, type ListOf, type Schema } from './schema.js'

/*
 * How server-side apply merges, compares and prunes values by their schema. The rules are those of
 * https://github.com/kubernetes-sigs/structured-merge-diff. Undefined is an absent field; null is a field that is
 * present and empty.
 */

/** The default of a key that an item of an associative list may leave out. */
const keyDefaults: Record<string, unknown> = { protocol: 'TCP' }

/** The difference between two values. */
export interface Comparison {
  added: FieldSet
  modified: FieldSet
  removed: FieldSet
}

/** The schema of an object's field. */
export function fieldSchema (schema: Schema, name: string): Schema {
  if (schema.type === 'struct') return Object.hasOwn(schema.fields, name) ? schema.fields[name] as Schema : anything
  return schema.type === 'map' ? schema.values : anything
}

/** Whether a value is handled as a whole, and not field by field or item by item. */
function isLeaf (schema: Schema, ...values: unknown[]): boolean {
  const present = values.filter(value => value !== undefined && value !== null)
  if (schema.type === 'scalar') return true
  if ((schema.type === 'struct' || schema.type === 'map') && schema.atomic === true) return true
  const isMap = schema.type === 'struct' || schema.type === 'map' || (schema.type === 'any' && present.every(isObject))
  if (isMap) return present.every(value => !isObject(value) || Object.keys(value).length === 0)
  const isList = schema.type === 'list' && (schema.keys !== undefined || schema.set === true)
  return !isList || present.every(value => !Array.isArray(value) || value.length === 0)
}

function isListSchema (schema: Schema): schema is ListOf {
  return schema.type === 'list'
}

const entriesOf = (value: unknown): JsonObject => isObject(value) ? value : {}
const itemsOf = (value: unknown): unknown[] => Array.isArray(value) ? value : []

/** The name of an item of an associative list or a set in a field set. */
export function stepOf (item: unknown, schema: ListOf): string {
  if (schema.keys === undefined) return `v:${goJson(item)}`
  return `k:${goJson(Object.fromEntries(schema.keys.map(key => [key, entriesOf(item)[key] ?? keyDefaults[key] ?? null])))}`
}

function itemsByStep (value: unknown, schema: ListOf): Map<string, unknown> {
  return new Map(itemsOf(value).map(item => [stepOf(item, schema), item]))
}

/** Merges an applied value into another. */
export function merge (live: unknown, applied: unknown, schema: Schema): unknown {
  if (applied === undefined) return live
  if (live === undefined && !isListSchema(schema)) return applied
  if (isLeaf(schema, live, applied)) return applied
  if (isListSchema(schema)) {
    const left = itemsByStep(live, schema)
    const right = itemsByStep(applied, schema)
    return mergeOrder([...left.keys()], [...right.keys()]).map(step => merge(left.get(step), right.get(step), schema.items))
  }
  const result: JsonObject = { ...entriesOf(live) }
  for (const [name, value] of Object.entries(entriesOf(applied))) {
    put(result, name, merge(ownAt(result, name), value, fieldSchema(schema, name)))
  }
  return result
}

/**
 * The order of a merged list: applied items keep their order, and items that are not applied stay
 * in their place among the rest.
 */
export function mergeOrder (live: string[], applied: string[]): string[] {
  const isLive = new Set(live)
  const isApplied = new Set(applied)
  const shared = applied.filter(step => isLive.has(step))
  const result: string[] = []
  const done = new Set<string>()
  let l = 0
  let r = 0
  let s = 0
  const takeApplied = (step: string) => {
    result.push(step)
    done.add(step)
    r++
    if (shared[s] === step) s++
  }
  while (l < live.length || r < applied.length) {
    const left = live[l]
    const right = applied[r]
    if (left !== undefined && right !== undefined) {
      if (left === right) {
        takeApplied(right)
        l++
        continue
      }
      if (isApplied.has(left) && shared[s] !== undefined && shared[s] !== left) {
        l++
        continue
      }
    }
    if (left !== undefined) {
      if (!isApplied.has(left)) {
        result.push(left)
        l++
        continue
      }
      if (done.has(left)) l++
    }
    if (right !== undefined) takeApplied(right)
  }
  return result
}

/** Compares two values: which fields the second adds, changes and removes. */
export function compare (before: unknown, after: unknown, schema: Schema): Comparison {
  const comparison = { added: new FieldSet(), modified: new FieldSet(), removed: new FieldSet() }
  compareInto(comparison, before, after, schema, [])
  return comparison
}

function compareInto (comparison: Comparison, before: unknown, after: unknown, schema: Schema, path: string[]): void {
  if (before === after) return
  if (isLeaf(schema, before, after)) {
    if (before === undefined) comparison.added.insert(path)
    else if (after === undefined) comparison.removed.insert(path)
    else if (!equal(before, after)) comparison.modified.insert(path)
    return
  }
  if (isListSchema(schema)) {
    const left = itemsByStep(before, schema)
    const right = itemsByStep(after, schema)
    for (const step of new Set([...left.keys(), ...right.keys()])) {
      compareInto(comparison, left.get(step), right.get(step), schema.items, [...path, step])
    }
  } else {
    const left = entriesOf(before)
    const right = entriesOf(after)
    for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
      compareInto(comparison, left[name], right[name], fieldSchema(schema, name), [...path, `f:${name}`])
    }
  }
  if (before === undefined) comparison.added.insert(path)
  else if (after === undefined) comparison.removed.insert(path)
}

/** The fields of an applied value. */
export function fieldsOf (value: unknown, schema: Schema): FieldSet {
  const set = new FieldSet()
  collectFields(set, value, schema, [])
  return set
}

function collectFields (set: FieldSet, value: unknown, schema: Schema, path: string[]): void {
  if (schema.type === 'list' && (schema.keys !== undefined || schema.set === true)) {
    for (const item of itemsOf(value)) {
      const itemPath = [...path, stepOf(item, schema)]
      collectFields(set, item, schema.items, itemPath)
      set.insert(itemPath)
    }
    return
  }
  const isMap = (schema.type === 'struct' || schema.type === 'map' || schema.type === 'any') && isObject(value)
  if (!isMap || ('atomic' in schema && schema.atomic === true)) return set.insert(path)
  for (const [name, field] of Object.entries(value)) {
    const fieldPath = [...path, `f:${name}`]
    collectFields(set, field, fieldSchema(schema, name), fieldPath)
    const isEmpty = field === null || (isObject(field) && Object.keys(field).length === 0)
    if (isEmpty || !(schema.type === 'struct' && Object.hasOwn(schema.fields, name))) set.insert(fieldPath)
  }
}

/** Removes a set of fields from a value. Values that are empty then become null. */
export function cut (value: unknown, fields: FieldSet, schema: Schema): unknown {
  if (schema.type === 'scalar') return value
  if (Array.isArray(value)) {
    if (schema.type !== 'list' || (schema.keys === undefined && schema.set !== true)) return null
    const items = value.flatMap(item => {
      const step = stepOf(item, schema)
      if (fields.members.has(step)) return []
      const inner = fields.children.get(step)
      return [inner === undefined ? item : cut(item, inner, schema.items)]
    })
    return items.length > 0 ? items : null
  }
  if (!isObject(value)) return value
  if ('atomic' in schema && schema.atomic === true) return null
  const entries = Object.entries(value).flatMap(([name, field]) => {
    const step = `f:${name}`
    if (fields.members.has(step)) return []
    const inner = fields.children.get(step)
    return [[name, inner === undefined ? field : cut(field, inner, fieldSchema(schema, name))]]
  })
  return entries.length > 0 ? Object.fromEntries(entries) : null
}

/** Adds every field with a known name that has children in the set. */
export function withNamedFields (set: FieldSet, schema: Schema): FieldSet {
  const members = new Set(set.members)
  const children = new Map<string, FieldSet>()
  for (const [step, child] of set.children) {
    const isField = step.startsWith('f:')
    if (isField && schema.type === 'struct' && Object.hasOwn(schema.fields, step.slice(2))) members.add(step)
    const inner = isField ? fieldSchema(schema, step.slice(2)) : schema.type === 'list' ? schema.items : anything
    children.set(step, withNamedFields(child, inner))
  }
  return new FieldSet(members, children)
}
