import { isObject, isTooDeep, stringAt, valueAt, type JsonObject, type KubernetesObject } from '../kubernetes/object.js'
import { isContained, lastApplied, project } from './dynamic-apply.js'
import type { ObjectMap } from './protocol.js'
import { appliedFields, pickFields } from './server-side-apply.js'

/**
 * Finds an observed child by its kind and name, in any hook version.
 *
 * @param children as Metacontroller sends them
 * @param apiVersion such as `apps/v1`
 * @param kind such as `Deployment`
 * @param name the child's `metadata.name`
 */
export function findChild (children: ObjectMap, apiVersion: string, kind: string, name: string): JsonObject | undefined {
  const group = valueAt(children, `${kind}.${apiVersion}`)
  if (!isObject(group)) return undefined
  return Object.values(group).filter(isObject).find(child => stringAt(child, 'metadata', 'name') === name)
}

/** Whether an object is being deleted; Metacontroller leaves such a child alone. */
export function isBeingDeleted (object: JsonObject): boolean {
  return stringAt(object, 'metadata', 'deletionTimestamp') !== undefined
}

/** A child as observed, and as desired. */
export interface Child {
  /** Undefined if it does not exist. */
  observed: JsonObject | undefined
  /** Undefined if no change is desired. */
  desired: KubernetesObject | undefined
  /** Whether applying the desired object would change the observed one. */
  outdated: boolean
  /** Fields set by someone else, because of which the API server would refuse the desired object. */
  conflicts: string[]
}

/**
 * Compares an observed child with the desired one. It is outdated if a desired field is missing or different, or if a
 * field that was applied before is no longer desired.
 */
export function compareChild (observed: JsonObject | undefined, desired: KubernetesObject | undefined): Child {
  const outdated = observed !== undefined && desired !== undefined && !isAsDesired(observed, desired)
  return { observed, desired, outdated, conflicts: [] }
}

function isAsDesired (observed: JsonObject, desired: KubernetesObject): boolean {
  return isContained(desired, observed) &&
    isContained(withoutSelectorLabel(withoutOwnerReferences(appliedPart(observed))), desired)
}

/**
 * The desired object in the form to answer with, so that an outdated child really is updated.
 *
 * With server-side apply, Metacontroller remembers what it applied, and applies nothing while that and the child's
 * generation stay the same. A change of metadata does not change the generation, so it would never be reverted.
 * An equivalent answer that differs is applied; the next one, without the empty list, is applied again.
 *
 * An object that the API server would refuse is not sent: the child stays as it is.
 *
 * @returns the desired object, or an equivalent one
 */
export function answerFor ({ observed, outdated, conflicts }: Child, desired: KubernetesObject): KubernetesObject {
  if (observed === undefined || !outdated) return desired
  if (conflicts.length > 0) return keepAsItIs(observed) ?? desired
  if (lastApplied(observed) !== undefined || appliedFields(observed) === undefined) return desired
  const { metadata, ...rest } = desired
  return isContained(rest, observed) ? { ...desired, metadata: { ...metadata, finalizers: [] } } : desired
}

/**
 * The desired object that leaves a child unchanged: the fields that were last applied, with their current values.
 * The whole observed object would not do: Metacontroller would own, and later remove, what others have set.
 *
 * @param observed a child in any form
 * @returns undefined if the child has no kind or name, and so cannot be in an answer
 */
export function keepAsItIs (observed: JsonObject): KubernetesObject | undefined {
  const apiVersion = stringAt(observed, 'apiVersion')
  const kind = stringAt(observed, 'kind')
  const name = stringAt(observed, 'metadata', 'name')
  if (apiVersion === undefined || kind === undefined || name === undefined) return undefined
  const { metadata, ...applied } = withoutOwnerReferences(appliedPart(observed))
  const kept = { ...applied, apiVersion, kind, metadata: { ...metadata, name } }
  return isTooDeep(kept) ? { apiVersion, kind, metadata: { name } } : kept
}

/** The desired objects that leave all of these children unchanged: one that is left out would be deleted. */
export function keepAll (children: ObjectMap): KubernetesObject[] {
  // TypeBox accepts anything under a key that contains a line break.
  return Object.values(children)
    .flatMap(group => Object.values(group ?? {}))
    .flatMap(child => keepAsItIs(child) ?? [])
}

/** The fields that Metacontroller has applied to a child, with their current values; empty if they are not known. */
export function appliedPart (observed: JsonObject): JsonObject {
  const last = lastApplied(observed)
  if (last !== undefined) return project(last, observed) as JsonObject
  const fields = appliedFields(observed)
  return fields === undefined ? {} : pickFields(fields, observed) as JsonObject
}

/** Removes the owner references, which Metacontroller sets itself. */
function withoutOwnerReferences ({ metadata, ...rest }: JsonObject): JsonObject & { metadata: JsonObject } {
  const { ownerReferences, ...metadataOfOurs } = isObject(metadata) ? metadata : {}
  return { ...rest, metadata: metadataOfOurs }
}

/** Also removes the label by which Metacontroller finds the children of a parent (`generateSelector`). */
function withoutSelectorLabel ({ metadata, ...rest }: JsonObject & { metadata: JsonObject }): JsonObject {
  const { labels, ...metadataOfOurs } = metadata
  const { 'controller-uid': uid, ...labelsOfOurs } = isObject(labels) ? labels : {}
  return { ...rest, metadata: { ...metadataOfOurs, ...(Object.keys(labelsOfOurs).length > 0 && { labels: labelsOfOurs }) } }
}
