import { isBeingDeleted, type Child } from '../metacontroller/children.js'
import { isReady } from './lifecycle.js'
import type { SampleSource, SampleSourceStatus } from './schema.js'

/** What a reconciler tells of its doings: https://pkg.go.dev/knative.dev/pkg/reconciler#Event */
export interface ReconcilerEvent {
  type: 'Normal' | 'Warning'
  reason: string
  message: string
}

/**
 * The event of a child that Metacontroller is about to create or update: one that is missing, or not yet as asked.
 *
 * @param kind as the reason names it, `Deployment`
 * @param label as the message names it, `deployment`
 * @returns none when there is nothing to do, or nothing is done because the child is on its way out
 */
export function childEvents (kind: string, label: string, { observed, desired, outdated }: Child): ReconcilerEvent[] {
  if (desired === undefined) return []
  const key = `${desired.metadata.namespace}/${desired.metadata.name}`
  if (observed === undefined) return [{ type: 'Normal', reason: `${kind}Created`, message: `created ${label}: "${key}"` }]
  if (!outdated || isBeingDeleted(observed)) return []
  return [{ type: 'Normal', reason: `${kind}Updated`, message: `updated ${label}: "${key}"` }]
}

/**
 * The event of a source that has become ready, and is there to stay.
 *
 * @param source with its stored status
 * @param status the one that is computed now
 */
export function reconciledEvents (source: SampleSource, status: SampleSourceStatus): ReconcilerEvent[] {
  if (!isReady(status) || isReady(source.status) || isBeingDeleted(source)) return []
  const { namespace, name } = source.metadata
  return [{ type: 'Normal', reason: 'SampleSourceReconciled', message: `SampleSource reconciled: "${namespace}/${name}"` }]
}
