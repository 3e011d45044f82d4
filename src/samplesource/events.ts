import { findCondition } from '../kubernetes/conditions.js'
import { isBeingDeleted } from '../metacontroller/children.js'
import type { ReconcilerEvent } from '../metacontroller/reconciler-events.js'
import { isReady } from './lifecycle.js'
import { kind } from './names.js'
import type { SampleSource, SampleSourceStatus } from './schema.js'

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
  return [{ type: 'Normal', reason: `${kind}Reconciled`, message: `${kind} reconciled: "${namespace}/${name}"`, condition: 'Ready' }]
}
