import { findCondition } from '../kubernetes/conditions.js'
import { isBeingDeleted, type Child } from './children.js'
import type { Parent } from './protocol.js'

/** An event that a reconciler reports: https://pkg.go.dev/knative.dev/pkg/reconciler#Event */
export interface ReconcilerEvent {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
  /** The condition that changes with this event. */
  condition: string
}

/** The names of a kind of child. */
export interface ChildKind {
  /** In reasons: `Deployment`. */
  kind: string
  /** In messages: `deployment`. */
  label: string
  /** The condition about this child. */
  condition: string
}

/**
 * The event of a child that Metacontroller is about to create or update: it is missing, or differs from the desired one.
 *
 * @returns none if there is nothing to do, or if the child is being deleted or cannot be updated
 */
export function childEvents ({ kind, label, condition }: ChildKind, { observed, desired, outdated, conflicts }: Child): ReconcilerEvent[] {
  if (desired === undefined) return []
  const key = `${desired.metadata.namespace}/${desired.metadata.name}`
  if (observed === undefined) return [{ type: 'Normal', reason: `${kind}Created`, message: `created ${label}: "${key}"`, condition }]
  if (!outdated || conflicts.length > 0 || isBeingDeleted(observed)) return []
  return [{ type: 'Normal', reason: `${kind}Updated`, message: `updated ${label}: "${key}"`, condition }]
}

/**
 * The event of a child that has begun to fail, or fails for another reason than before. A child that is not available yet
 * has not failed: it is starting.
 *
 * @param name of the child
 * @param parent with its stored status
 * @param status the one computed now
 */
export function failureEvents ({ kind, label, condition }: ChildKind, name: string, parent: Parent, status: unknown): ReconcilerEvent[] {
  const now = findCondition(status, condition)
  const before = findCondition(parent.status, condition)
  if (now?.status !== 'False' || isBeingDeleted(parent)) return []
  if (before?.status === 'False' && before.reason === now.reason) return []
  if (now.reason === 'MinimumReplicasUnavailable' && before?.status !== 'True') return []
  const why = [now.reason, now.message].filter(text => text !== undefined).join(': ')
  return [{ type: 'Warning', reason: `${kind}Failed`, message: `${label} failed: "${parent.metadata.namespace}/${name}": ${why}`, condition }]
}
