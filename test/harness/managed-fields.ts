import type { JsonObject } from '../../src/kubernetes/object.js'
import { FieldSet } from './field-set.js'
import type { Schema } from './schema.js'
import { compare, cut, fieldsOf, merge, withNamedFields, type Comparison } from './typed.js'

/*
 * Records which manager set which field. https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */

/** An entry of `metadata.managedFields`. */
export interface ManagedFieldsEntry {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  subresource?: string
  time: string
  fieldsType: 'FieldsV1'
  fieldsV1: JsonObject
}

/** Who writes, in which API version, to which subresource and when. */
export interface Writer {
  manager: string
  apiVersion: string
  subresource?: string | undefined
  time: string
  /** Paths of fields that the write cannot change: a status write changes only the status, and others all but the status. */
  outOfReach: string[][]
}

interface Share {
  entry: Omit<ManagedFieldsEntry, 'fieldsV1'>
  fields: FieldSet
  /** The serialized fields, if they were not changed. */
  fieldsV1?: JsonObject
}

/** An apply without force would change fields that other managers own. */
export class ApplyConflict extends Error {
  constructor (conflicts: Array<{ entry: Share['entry'], paths: string[] }>) {
    const managers = conflicts.map(({ entry: { manager, operation, apiVersion, subresource }, paths }) => ({
      name: `"${manager}"${subresource === undefined ? '' : ` with subresource "${subresource}"`}${operation === 'Update' ? ` using ${apiVersion}` : ''}`,
      paths
    })).sort((a, b) => a.name < b.name ? -1 : 1)
    const all = managers.flatMap(({ paths }) => paths)
    super(all.length === 1
      ? `Apply failed with 1 conflict: conflict with ${managers[0]?.name}: ${all[0]}`
      : `Apply failed with ${all.length} conflicts: ${managers.map(({ name, paths }) => [`conflicts with ${name}:`, ...paths.map(path => `- ${path}`)].join('\n')).join('\n')}`)
  }
}

/** Fields that no manager owns. */
const unmanaged = new FieldSet(
  new Set(['f:apiVersion', 'f:kind', 'f:metadata']),
  new Map([['f:metadata', new FieldSet(new Set(['f:name', 'f:namespace', 'f:creationTimestamp', 'f:selfLink', 'f:uid', 'f:clusterName',
    'f:generation', 'f:managedFields', 'f:resourceVersion']))]])
)

const parsed = new WeakMap<JsonObject, FieldSet>()

function decode (entries: readonly ManagedFieldsEntry[]): Share[] {
  return entries.map(({ fieldsV1, ...entry }) => {
    let fields = parsed.get(fieldsV1)
    if (fields === undefined) parsed.set(fieldsV1, fields = FieldSet.fromFieldsV1(fieldsV1))
    return { entry, fields, fieldsV1 }
  })
}

function encode (shares: Share[]): ManagedFieldsEntry[] {
  return shares
    .filter(({ fields }) => !fields.empty)
    .map(({ entry, fields, fieldsV1 = fields.toFieldsV1() }) => {
      parsed.set(fieldsV1, fields)
      return { ...entry, fieldsV1 }
    })
    .sort((a, b) => order(a, b, 'operation') || order(a, b, 'time') || order(a, b, 'manager') || order(a, b, 'apiVersion') || order(a, b, 'subresource'))
}

function order (a: ManagedFieldsEntry, b: ManagedFieldsEntry, key: 'operation' | 'time' | 'manager' | 'apiVersion' | 'subresource'): number {
  const [left = '', right = ''] = [a[key], b[key]]
  return left < right ? -1 : left > right ? 1 : 0
}

function isOf (share: Share, operation: 'Apply' | 'Update', { manager, apiVersion, subresource }: Writer): boolean {
  const { entry } = share
  return entry.manager === manager && entry.operation === operation && entry.subresource === subresource &&
    (operation === 'Apply' || entry.apiVersion === apiVersion)
}

function withinReach (set: FieldSet, { outOfReach }: Writer): FieldSet {
  return outOfReach.reduce((rest, path) => rest.without(path), set)
}

function compareWithinReach (live: unknown, next: unknown, schema: Schema, writer: Writer): Comparison {
  const { added, modified, removed } = compare(live, next, schema)
  return {
    added: withinReach(added, writer),
    modified: withinReach(modified, writer),
    removed: withinReach(removed, writer)
  }
}

/** Removes the changed and removed fields of a write from all managers. */
function takeFromOthers (others: Share[], { added, modified, removed }: Comparison): Share[] {
  const taken = added.union(modified).union(removed)
  return others.map(share => {
    const { entry, fields } = share
    return fields.intersection(taken).empty ? share : { entry, fields: fields.difference(taken) }
  })
}

/**
 * The managed fields after an object was created, replaced or patched: the writer owns the fields that it changed, and
 * nobody else does.
 */
export function manageUpdate (entries: readonly ManagedFieldsEntry[], live: unknown, next: unknown, schema: Schema, writer: Writer): ManagedFieldsEntry[] {
  const comparison = compareWithinReach(live, next, schema, writer)
  const shares = takeFromOthers(decode(entries), comparison)
  const own = comparison.modified.union(comparison.added).difference(unmanaged)
  if (own.empty) return encode(shares)
  const before = shares.find(share => isOf(share, 'Update', writer))
  const { manager, apiVersion, subresource, time } = writer
  if (before !== undefined && own.difference(before.fields).empty) {
    return encode(shares.map(share => share === before ? { ...share, entry: { ...share.entry, time: writer.time } } : share))
  }
  return encode([...shares.filter(share => share !== before), {
    entry: { manager, operation: 'Update', apiVersion, ...(subresource !== undefined && { subresource }), time, fieldsType: 'FieldsV1' },
    fields: before === undefined ? own : own.union(before.fields)
  }])
}

/**
 * Applies a configuration: sets its fields, and removes those that the same manager applied before and leaves out now,
 * unless another manager owns them too.
 *
 * @throws ApplyConflict if it would change fields of others and is not forced
 */
export function manageApply (entries: readonly ManagedFieldsEntry[], live: unknown, config: JsonObject, schema: Schema, writer: Writer, force: boolean): { next: unknown, entries: ManagedFieldsEntry[] } {
  const shares = decode(entries)
  const before = shares.find(share => isOf(share, 'Apply', writer))
  const others = shares.filter(share => share !== before)
  const own = withinReach(fieldsOf(config, schema), writer)
  const merged = merge(live, config, schema)
  const next = before === undefined || before.fields.empty
    ? merged
    : prune(merged, before.fields, [...others.map(({ fields }) => fields), own], schema)

  const comparison = compareWithinReach(live, next, schema, writer)
  const changed = comparison.added.union(comparison.modified)
  const conflicts = others
    .map(({ entry, fields }) => ({ entry, paths: fields.intersection(changed).paths() }))
    .filter(({ paths }) => paths.length > 0)
  if (conflicts.length > 0 && !force) throw new ApplyConflict(conflicts)

  const { manager, apiVersion, subresource, time } = writer
  return {
    next,
    entries: encode([...takeFromOthers(others, comparison), {
      entry: { manager, operation: 'Apply', apiVersion, ...(subresource !== undefined && { subresource }), time, fieldsType: 'FieldsV1' },
      fields: own.difference(unmanaged)
    }])
  }
}

/** Removes the fields that a manager applied last and that no manager owns now. */
function prune (merged: unknown, last: FieldSet, managed: FieldSet[], schema: Schema): unknown {
  const named = (set: FieldSet) => withNamedFields(set, schema)
  const lastNamed = named(last)
  const all = named(fieldsOf(merged, schema))
  const managedNamed = managed.map(named)

  const withoutLast = named(fieldsOf(cut(merged, lastNamed, schema), schema))
  const kept = managedNamed.reduce((set, fields) => set.union(fields), withoutLast)
  // Restores fields of others that were removed with a field of this manager.
  const withOthers = named(fieldsOf(cut(merged, all.difference(kept), schema), schema))
  // Also restores fields without an owner: they are removed only if this manager had applied them.
  return cut(merged, all.difference(withOthers).intersection(lastNamed), schema)
}
