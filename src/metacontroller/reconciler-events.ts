import { findCondition } from '../kubernetes/conditions.js'
import { isBeingDeleted, type Child } from './children.js'
import type { Parent } from './protocol.js'

/** What a reconciler tells of its doings: https://pkg.go.dev/knative.dev/pkg/reconciler#Event */
export interface ReconcilerEvent {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
  /** The condition that changes with it. */
  condition: string
}

/** A kind of child, in words. */
export interface ChildKind {
  /** As reasons name it: `Deployment`. */
  kind: string
  /** As messages name it: `deployment`. */
  label: string
  /** The condition that tells how it fares. */
  condition: string
}

/**
 * The event of a child that Metacontroller is about to create or update: one that is missing, or not yet as asked.
 *
 * @returns none when there is nothing to do, or nothing is done because the child is on its way out, or cannot be updated
 */
export function childEvents ({ kind, label, condition }: ChildKind, { observed, desired, outdated, conflicts }: Child): ReconcilerEvent[] {
  if (desired === undefined) return []
  const key = `${desired.metadata.namespace}/${desired.metadata.name}`
  if (observed === undefined) return [{ type: 'Normal', reason: `${kind}Created`, message: `created ${label}: "${key}"`, condition }]
  if (!outdated || conflicts.length > 0 || isBeingDeleted(observed)) return []
  return [{ type: 'Normal', reason: `${kind}Updated`, message: `updated ${label}: "${key}"`, condition }]
}

/**
 * The event of a child that has begun to fail, or fails for another reason than before. One that is not available yet
 * has not failed: it starts.
 *
 * @param name of the child
 * @param parent with its stored status
 * @param status the one that is computed now
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
