import { isDeeperThan, isObject, stringAt, valueAt, type JsonObject, type KubernetesObject } from '../kubernetes/object.js'
import { isContained, lastApplied, project } from './dynamic-apply.js'
import type { ObjectMap } from './protocol.js'
import { appliedFields, pickFields } from './server-side-apply.js'

/** No child of ours nests this deep, and an answer that does could not be written. */
const maxDepth = 100

/**
 * Finds an observed child by what it is and its own name, whichever hook version keyed it.
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

/** Tells whether an object has been asked to go; Metacontroller leaves such a child alone. */
export function isBeingDeleted (object: JsonObject): boolean {
  return stringAt(object, 'metadata', 'deletionTimestamp') !== undefined
}

/** A child as it was observed, and what is asked of it. */
export interface Child {
  /** Undefined when there is none. */
  observed: JsonObject | undefined
  /** Undefined when nothing new is asked of it. */
  desired: KubernetesObject | undefined
  /** Whether applying the desired object would change the observed one. */
  outdated: boolean
  /** Fields that somebody has set, and with which the API server would refuse the desired object. */
  conflicts: string[]
}

/**
 * Holds an observed child against the desired one. It is outdated unless all that is desired is there, and nothing is
 * there that was applied before and is desired no longer.
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
 * The desired object as it is to be answered, so that an outdated child really is updated.
 *
 * With server-side apply Metacontroller remembers what it applied, and applies nothing while that and the child's
 * generation stay the same. Metadata that somebody has changed moves no generation, so it would never be put right.
 * An answer that means the same but reads otherwise is applied; the one after it, without the empty list, once more.
 *
 * What the API server would refuse is not sent to it: the child stays as it is.
 *
 * @returns the desired object, or one that means the same
 */
export function answerFor ({ observed, outdated, conflicts }: Child, desired: KubernetesObject): KubernetesObject {
  if (observed === undefined || !outdated) return desired
  if (conflicts.length > 0) return keepAsItIs(observed) ?? desired
  if (lastApplied(observed) !== undefined || appliedFields(observed) === undefined) return desired
  const { metadata, ...rest } = desired
  return isContained(rest, observed) ? { ...desired, metadata: { ...metadata, finalizers: [] } } : desired
}

/**
 * The desired object that leaves a child exactly as it is: what was applied last, with the values that are there now.
 * The whole observed object would not do: Metacontroller would then own, and later take away, what others have set.
 *
 * @param observed a child of whatever form
 * @returns undefined when the child does not say what it is and so cannot be named in an answer
 */
export function keepAsItIs (observed: JsonObject): KubernetesObject | undefined {
  const apiVersion = stringAt(observed, 'apiVersion')
  const kind = stringAt(observed, 'kind')
  const name = stringAt(observed, 'metadata', 'name')
  if (apiVersion === undefined || kind === undefined || name === undefined) return undefined
  const { metadata, ...applied } = withoutOwnerReferences(appliedPart(observed))
  const kept = { ...applied, apiVersion, kind, metadata: { ...metadata, name } }
  return isDeeperThan(maxDepth, kept) ? { apiVersion, kind, metadata: { name } } : kept
}

/** The desired objects that leave all of some children exactly as they are: one that were left out would be deleted. */
export function keepAll (children: ObjectMap): KubernetesObject[] {
  // TypeBox lets anything pass under a key that has a line break in it.
  return Object.values(children)
    .flatMap(group => Object.values(group ?? {}))
    .flatMap(child => keepAsItIs(child) ?? [])
}

/** What Metacontroller has applied to a child, with the values that are there now; nothing where that is not known. */
export function appliedPart (observed: JsonObject): JsonObject {
  const last = lastApplied(observed)
  if (last !== undefined) return project(last, observed) as JsonObject
  const fields = appliedFields(observed)
  return fields === undefined ? {} : pickFields(fields, observed) as JsonObject
}

/** Leaves out the owner references, which Metacontroller sets itself. */
function withoutOwnerReferences ({ metadata, ...rest }: JsonObject): JsonObject & { metadata: JsonObject } {
  const { ownerReferences, ...metadataOfOurs } = isObject(metadata) ? metadata : {}
  return { ...rest, metadata: metadataOfOurs }
}

/** Leaves out the label too by which Metacontroller finds the children of a parent (`generateSelector`). */
function withoutSelectorLabel ({ metadata, ...rest }: JsonObject & { metadata: JsonObject }): JsonObject {
  const { labels, ...metadataOfOurs } = metadata
  const { 'controller-uid': uid, ...labelsOfOurs } = isObject(labels) ? labels : {}
  return { ...rest, metadata: { ...metadataOfOurs, ...(Object.keys(labelsOfOurs).length > 0 && { labels: labelsOfOurs }) } }
}
