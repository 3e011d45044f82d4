import { findCondition } from '../kubernetes/conditions.js'
import { isBeingDeleted } from '../metacontroller/children.js'
import type { ReconcilerEvent } from '../metacontroller/reconciler-events.js'
import { isReady } from './lifecycle.js'
import { kind } from './names.js'
import type { SampleSource, SampleSourceStatus } from './schema.js'

/**
 * The source's own events: it has become ready, or its spec has become invalid, or invalid in another way.
 *
 * @param source with its stored status; nothing is reported while it is deleted
 * @param status the one computed now
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
