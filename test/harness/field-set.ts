import { isObject, type JsonObject } from '../../src/kubernetes/object.js'

/**
 * A set of fields of an object, as `managedFields[].fieldsV1` writes it: `f:<name>` names the field of an object,
 * `k:<key>` the item of an associative list, `v:<value>` the item of a set. A field is in the set if it is a member of
 * its parent; its children can be in the set without it.
 */
export class FieldSet {
  constructor (
    readonly members: Set<string> = new Set(),
    readonly children: Map<string, FieldSet> = new Map()
  ) {}

  get empty (): boolean {
    return this.members.size === 0 && this.children.size === 0
  }

  /** Adds the field at a path. An empty path is not a field. */
  insert (path: string[]): void {
    const last = path.at(-1)
    if (last === undefined) return
    let node: FieldSet = this
    for (const step of path.slice(0, -1)) {
      let child = node.children.get(step)
      if (child === undefined) node.children.set(step, child = new FieldSet())
      node = child
    }
    node.members.add(last)
  }

  union (other: FieldSet): FieldSet {
    const children = new Map(this.children)
    for (const [step, child] of other.children) children.set(step, children.get(step)?.union(child) ?? child)
    return new FieldSet(new Set([...this.members, ...other.members]), children)
  }

  /** The fields that are in this set and not in the other. Removing a field does not remove its children. */
  difference (other: FieldSet): FieldSet {
    const children = new Map<string, FieldSet>()
    for (const [step, child] of this.children) {
      const rest = other.children.get(step)
      const left = rest === undefined ? child : child.difference(rest)
      if (!left.empty) children.set(step, left)
    }
    return new FieldSet(new Set([...this.members].filter(step => !other.members.has(step))), children)
  }

  intersection (other: FieldSet): FieldSet {
    const children = new Map<string, FieldSet>()
    for (const [step, child] of this.children) {
      const both = other.children.get(step)?.intersection(child)
      if (both !== undefined && !both.empty) children.set(step, both)
    }
    return new FieldSet(new Set([...this.members].filter(step => other.members.has(step))), children)
  }

  /** Removes the field at a path and all fields below it. */
  without ([step, ...rest]: string[]): FieldSet {
    if (step === undefined) return new FieldSet()
    const members = new Set(this.members)
    const children = new Map(this.children)
    const child = children.get(step)
    if (rest.length === 0) members.delete(step)
    const left = child?.without(rest)
    if (left === undefined || left.empty) children.delete(step)
    else children.set(step, left)
    return new FieldSet(members, children)
  }

  /** The paths of all fields in the set, as in an apply conflict: `.spec.containers[name="x"].image`. */
  paths (prefix = ''): string[] {
    return [
      ...[...this.members].sort().map(step => prefix + describe(step)),
      ...[...this.children].sort(([a], [b]) => a < b ? -1 : 1).flatMap(([step, child]) => child.paths(prefix + describe(step)))
    ]
  }

  toFieldsV1 (): JsonObject {
    const steps = [...new Set([...this.members, ...this.children.keys()])].sort()
    return Object.fromEntries(steps.map(step => [step, {
      ...(this.members.has(step) && this.children.has(step) && { '.': {} }),
      ...this.children.get(step)?.toFieldsV1()
    }]))
  }

  static fromFieldsV1 (fields: unknown): FieldSet {
    const set = new FieldSet()
    for (const [step, inner] of Object.entries(isObject(fields) ? fields : {})) {
      if (step === '.') continue
      const child = FieldSet.fromFieldsV1(inner)
      if (child.empty || (isObject(inner) && '.' in inner)) set.members.add(step)
      if (!child.empty) set.children.set(step, child)
    }
    return set
  }
}

function describe (step: string): string {
  const [kind, rest] = [step.slice(0, 2), step.slice(2)]
  if (kind === 'f:') return `.${rest}`
  if (kind === 'v:') return `[=${rest}]`
  return `[${Object.entries(JSON.parse(rest) as JsonObject).map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`
}
