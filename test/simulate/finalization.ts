import type { KubeObject } from '../harness/api-server.js'
import type { Metacontroller } from '../harness/metacontroller.js'
import type { Step } from '../harness/cluster.js'
import { labelOf, type Finding } from './finding.js'

/**
 * Finds parents that wait for a finalizer although the cluster is at rest: they are being deleted, or Metacontroller
 * finalizes them because it no longer selects them.
 *
 * @param steps all that happened
 */
export function neverFinalized (parents: KubeObject[], steps: Step[], metacontroller: Metacontroller): Finding[] {
  return parents.filter(parent => parent.metadata.deletionTimestamp !== undefined || isLeaving(parent, metacontroller)).map(parent => {
    const { deletionTimestamp, finalizers = [], uid } = parent.metadata
    const waits = deletionTimestamp === undefined ? "keeps its finalizer although it is no longer selected by the CompositeController's spec.parentResource.labelSelector" : 'is never deleted'
    const calls = steps.filter(step => step.type === 'sync' && step.sync.hook === 'finalize' && step.sync.parent.metadata.uid === uid).length
    const why = finalizers.includes(metacontroller.finalizer) ? `the hook's answer to finalize never had finalized: true, in ${calls} ${calls === 1 ? 'call' : 'calls'}` : 'nothing here removes its finalizers'
    return { fault: 'endless-finalize', object: labelOf(parent), message: `${waits}: ${why}; its finalizers: ${finalizers.join(', ')}`, moves: [] }
  })
}

/** Whether the hook has answered `finalized: true` for a parent, so that it was released. */
export function wasFinalized ({ metadata: { uid } }: KubeObject, steps: Step[]): boolean {
  return steps.some(step => step.type === 'sync' && step.sync.parent.metadata.uid === uid && step.sync.hook === 'finalize' && step.sync.response?.finalized === true && step.sync.error === undefined)
}

/** Whether a parent that is not selected has the finalizer of Metacontroller, which therefore still looks at it. */
export function isLeaving (parent: KubeObject, metacontroller: Metacontroller): boolean {
  return !metacontroller.isSelected(parent) && (parent.metadata.finalizers ?? []).includes(metacontroller.finalizer)
}
