import { absoluteUriPattern } from '../knative/destination.js'
import { arrayAt, isObject, isTooDeep, stringAt, valueAt, type JsonObject, type KubernetesObject } from '../kubernetes/object.js'
import { parseQuantity } from '../kubernetes/quantity.js'
import { appliedPart, type Child } from '../metacontroller/children.js'
import { lastApplied } from '../metacontroller/dynamic-apply.js'

/*
 * Fields of a child that exclude each other. If a person has set a field that excludes a desired one, the API server
 * refuses the merged update (422), and every later one: the desired fields are merged with fields that were never applied.
 * So first apply the person's field; the next update then replaces it with the desired one, like any other field.
 */

/** The keys that lead to a value; `*` stands for each item of a list, by name. */
type Path = string[]

/** The keys that lead from an object to one of its fields. */
type Field = [string] | [string, string]

/** Fields of one object that must be consistent. */
interface Rule {
  /** Where to find these objects. */
  at: Path
  fields: Field[]
  /** Whether the API server would refuse an object with these field values. */
  contradicts: (value: (...field: Field) => unknown) => boolean
}

const container: Path = ['spec', 'template', 'spec', 'containers', '*']
const variable: Path = [...container, 'env', '*']
const sources: Field[] = [['fieldRef'], ['resourceFieldRef'], ['configMapKeyRef'], ['secretKeyRef'], ['fileKeyRef']]
const absoluteUri = new RegExp(absoluteUriPattern)

const rules: Record<string, Rule[]> = {
  // https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/validation/validation.go, and the same file of apps
  Deployment: [
    {
      at: ['spec'],
      fields: [['minReadySeconds'], ['progressDeadlineSeconds']],
      contradicts: value => isAtMost(value('progressDeadlineSeconds'), value('minReadySeconds'))
    },
    {
      at: ['spec', 'template', 'spec', 'securityContext', 'seccompProfile'],
      fields: [['type'], ['localhostProfile']],
      contradicts: value => value('type') !== 'Localhost' && isSet(value('localhostProfile'))
    },
    {
      at: [...container, 'securityContext'],
      fields: [['allowPrivilegeEscalation'], ['privileged'], ['capabilities', 'add']],
      contradicts: value => value('allowPrivilegeEscalation') === false &&
        (value('privileged') === true || arrayAt(value('capabilities', 'add')).includes('CAP_SYS_ADMIN'))
    },
    ...['cpu', 'memory', 'ephemeral-storage'].map((resource): Rule => ({
      at: [...container, 'resources'],
      fields: [['requests', resource], ['limits', resource]],
      contradicts: value => isAbove(value('requests', resource), value('limits', resource))
    })),
    { at: variable, fields: [['value'], ['valueFrom']], contradicts: value => isSet(value('valueFrom')) && (value('value') ?? '') !== '' },
    { at: [...variable, 'valueFrom'], fields: sources, contradicts: value => sources.filter(source => isSet(value(...source))).length > 1 }
  ],
  // https://github.com/knative/eventing/blob/main/pkg/apis/sources/v1/sinkbinding_validation.go
  SinkBinding: [
    { at: ['spec', 'subject'], fields: [['name'], ['selector']], contradicts: value => isSet(value('name')) && isSet(value('selector')) },
    { at: ['spec', 'sink'], fields: [['ref'], ['uri']], contradicts: value => isSet(value('ref')) && isAbsolute(value('uri')) }
  ]
}

function isSet (value: unknown): boolean {
  return value !== undefined && value !== null
}

/** Whether one number is not greater than another; false unless both are numbers. */
function isAtMost (number: unknown, most: unknown): boolean {
  return typeof number === 'number' && typeof most === 'number' && number <= most
}

function isAbsolute (uri: unknown): boolean {
  return typeof uri === 'string' && absoluteUri.test(uri)
}

/** Whether one quantity is greater than another; false unless both are set. */
function isAbove (...values: [unknown, unknown]): boolean {
  const [request, limit] = values.map(value => typeof value === 'string' ? parseQuantity(value)?.nano : undefined)
  return request !== undefined && limit !== undefined && request > limit
}

/**
 * Removes what prevents the update to a desired child.
 *
 * - With dynamic apply, the current values are applied as they are.
 * - With server-side apply, that does not help: such a field stays with its owner. But a simple value can be set to empty,
 *   and a quantity to one of ours. An object cannot; an env var that has one is removed and comes back with the next
 *   update, unless somebody else has set all of it. Whatever remains is a conflict.
 *
 * @param child with what was applied to it, and how
 * @param desired the desired child
 * @returns the child with its conflicts, and what to apply now: the desired object itself if nothing prevents it, or if
 *   the child nests deeper than any Kubernetes object
 */
export function makeWay<Desired extends KubernetesObject> (child: Child, desired: Desired | undefined): { child: Child, next: Desired | undefined } {
  const { observed, outdated } = child
  if (observed === undefined || desired === undefined || !outdated || isTooDeep(observed)) return { child, next: desired }
  const isDynamic = lastApplied(observed) !== undefined
  const applied = appliedPart(observed)
  const conflicts: string[] = []
  const appliedVariables = objectsAt(applied, variable)
  const dropped = new Set<string>()
  let next: Desired | undefined
  for (const { at, fields, contradicts } of rules[desired.kind] ?? []) {
    const [there, before] = [objectsAt(observed, at), objectsAt(applied, at)]
    for (const [name, object] of objectsAt(desired, at)) {
      const isForeign = (field: Field) => !isSet(valueAt(object, ...field)) && !isSet(valueAt(before.get(name), ...field))
      const merged = (...field: Field) => isForeign(field) ? valueAt(there.get(name), ...field) : valueAt(object, ...field)
      if (!contradicts(merged)) continue
      next ??= structuredClone(desired)
      const target = objectsAt(next, at).get(name) as JsonObject
      for (const field of fields) {
        const value = valueAt(there.get(name), ...field)
        const variableName = name.replace(/\.valueFrom$/, '')
        if (isDynamic) setAt(target, field, value)
        else if (!isForeign(field) || !isSet(value)) continue
        else if (!isObject(value)) setAt(target, field, field[0] === 'limits' ? valueAt(object, 'requests', ...field.slice(1)) : nothing[desired.kind])
        else if (appliedVariables.has(variableName)) dropped.add(variableName)
        else conflicts.push([name, ...field].join('.'))
      }
    }
  }
  for (const [name, object] of objectsAt(next, container)) {
    if (dropped.size > 0) set(object, 'env', arrayAt(object, 'env').filter(item => !dropped.has(`${name}.env["${stringAt(item, 'name')}"]`)))
  }
  return { child: { ...child, conflicts }, next: next ?? desired }
}

/** The value that clears a field: with server-side apply, a custom resource cannot have null. */
const nothing: Record<string, unknown> = { Deployment: null, SinkBinding: '' }

/** The objects at a path, each with its own path, such as `spec.containers["a"]`. */
function objectsAt (value: unknown, [key, ...rest]: Path, name = ''): Map<string, JsonObject> {
  if (key === undefined) return new Map(isObject(value) ? [[name, value]] : [])
  if (key !== '*') return objectsAt(valueAt(value, key), rest, name === '' ? key : `${name}.${key}`)
  const items = Array.isArray(value) ? value : []
  return new Map(items.flatMap(item => [...objectsAt(item, rest, `${name}["${stringAt(item, 'name')}"]`)]))
}

/** Sets a field of an object. Undefined removes the field, and the object around it if that becomes empty. */
function setAt (object: JsonObject, [key, inner]: Field, value: unknown): void {
  if (inner === undefined) return set(object, key, value)
  const fields = { ...valueAt(object, key) as JsonObject }
  set(fields, inner, value)
  set(object, key, Object.keys(fields).length === 0 ? undefined : fields)
}

function set (object: JsonObject, key: string, value: unknown): void {
  if (value === undefined) delete object[key]
  else object[key] = value
}
