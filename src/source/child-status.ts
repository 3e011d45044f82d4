import type { ObservedCondition } from '../kubernetes/conditions.js'
import { stringAt, valueAt } from '../kubernetes/object.js'
import type { Finding } from '../knative/conditions.js'
import { isBeingDeleted, type Child } from '../metacontroller/children.js'

/** Why a child's status does not count yet; undefined when it does. */
export function pending (kind: string, child: Child): Finding | undefined {
  return absent(kind, child) ?? conflicting(kind, child) ?? (child.outdated ? updating(kind) : undefined)
}

/** Says that a child is missing or being deleted; undefined if it is neither. */
export function absent (kind: string, { observed }: Child): Finding | undefined {
  if (observed === undefined) {
    return { status: 'Unknown', reason: `${kind}Missing`, message: `The ${kind} does not exist.` }
  }
  if (isBeingDeleted(observed)) {
    return { status: 'Unknown', reason: `${kind}Terminating`, message: `The ${kind} is being deleted.` }
  }
  return undefined
}

/** Says that a child cannot be updated, and what to do; undefined if it can. */
export function conflicting (kind: string, { observed, conflicts }: Child): Finding | undefined {
  if (conflicts.length === 0) return undefined
  const name = stringAt(observed, 'metadata', 'name')
  return {
    status: 'False',
    reason: `${kind}Conflict`,
    message: `The ${kind} cannot be updated: someone else has set ${conflicts.join(', ')}, which excludes a desired field. Remove it, for example with kubectl edit ${kind.toLowerCase()} ${name}.`
  }
}

/** Says that a child's status is not of its latest generation; undefined if it is. */
export function unseen (kind: string, { observed }: Child): Finding | undefined {
  const generation = valueAt(observed, 'metadata', 'generation')
  return isSameInteger(generation, valueAt(observed, 'status', 'observedGeneration')) ? undefined : updating(kind)
}

/** From a change of a child until its controller has processed it: one stage for a person, so one reason and one message. */
export function updating (kind: string): Finding {
  return { status: 'Unknown', reason: `${kind}Updating`, message: `The ${kind} is being updated, or its controller has not finished with its latest generation yet.` }
}

/** Whether two values are the same integer. Equal values that are not integers do not count. */
export function isSameInteger (one: unknown, other: unknown): boolean {
  return Number.isInteger(one) && one === other
}

/** A condition as a finding, with a reason in any case and the condition's time. */
export function explain ({ status, reason, message, lastTransitionTime }: ObservedCondition, otherReason: string): Finding {
  return { status, reason: reason ?? otherReason, ...(message !== undefined && { message }), since: lastTransitionTime }
}
