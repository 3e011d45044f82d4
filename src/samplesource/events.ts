import { findCondition } from '../knative/conditions.js'
import { isBeingDeleted, type Child } from '../metacontroller/children.js'
import { isReady } from './lifecycle.js'
import type { SampleSource, SampleSourceStatus } from './schema.js'

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
 * @returns none when there is nothing to do, or nothing is done because the child is on its way out
 */
export function childEvents ({ kind, label, condition }: ChildKind, { observed, desired, outdated }: Child): ReconcilerEvent[] {
  if (desired === undefined) return []
  const key = `${desired.metadata.namespace}/${desired.metadata.name}`
  if (observed === undefined) return [{ type: 'Normal', reason: `${kind}Created`, message: `created ${label}: "${key}"`, condition }]
  if (!outdated || isBeingDeleted(observed)) return []
  return [{ type: 'Normal', reason: `${kind}Updated`, message: `updated ${label}: "${key}"`, condition }]
}

/**
 * The event of a child that has begun to fail, or fails for another reason than before. One that is not available yet
 * has not failed: it starts.
 *
 * @param name of the child
 * @param source with its stored status
 * @param status the one that is computed now
 */
export function failureEvents ({ kind, label, condition }: ChildKind, name: string, source: SampleSource, status: SampleSourceStatus): ReconcilerEvent[] {
  const now = findCondition(status, condition)
  const before = findCondition(source.status, condition)
  if (now?.status !== 'False' || isBeingDeleted(source)) return []
  if (before?.status === 'False' && before.reason === now.reason) return []
  if (now.reason === 'MinimumReplicasUnavailable' && before?.status !== 'True') return []
  const why = [now.reason, now.message].filter(text => text !== undefined).join(': ')
  return [{ type: 'Warning', reason: `${kind}Failed`, message: `${label} failed: "${source.metadata.namespace}/${name}": ${why}`, condition }]
}

/**
 * The events of a source itself: that it has become ready, or that its spec is invalid and was not so, or in another way.
 *
 * @param source with its stored status; none for one that is on its way out
 * @param status the one that is computed now
 */
export function sourceEvents (source: SampleSource, status: SampleSourceStatus): ReconcilerEvent[] {
  if (isBeingDeleted(source)) return []
  const { namespace, name } = source.metadata
  const specValid = findCondition(status, 'SpecValid')
  if (specValid?.status === 'False' && specValid.message !== findCondition(source.status, 'SpecValid')?.message) {
    return [{ type: 'Warning', reason: 'InvalidSpec', message: specValid.message as string, condition: 'SpecValid' }]
  }
  if (!isReady(status) || isReady(source.status)) return []
  return [{ type: 'Normal', reason: 'SampleSourceReconciled', message: `SampleSource reconciled: "${namespace}/${name}"`, condition: 'Ready' }]
}
