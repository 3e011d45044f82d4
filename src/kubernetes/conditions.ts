import { arrayAt, stringAt } from './object.js'
import { timeAt } from './time.js'

/**
 * A condition of an object's status, as observed.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties
 */
export interface ObservedCondition {
  type: string
  status: 'True' | 'False' | 'Unknown'
  lastTransitionTime?: string
  /** Of a Deployment's condition: when it was last updated. */
  lastUpdateTime?: string
  reason?: string
  message?: string
}

/**
 * Reads a condition from an observed status. There should be one per type; if there are several, the worst counts.
 *
 * @param status a `.status` in any form
 * @param worst which of True and False is worse; True for a condition that reports a failure, such as `ReplicaFailure`
 * @returns the condition with its usable fields; undefined if there is none of that type, or its `status` is none of the
 * three
 */
export function findCondition (status: unknown, type: string, worst: 'False' | 'True' = 'False'): ObservedCondition | undefined {
  let found: unknown
  for (const condition of arrayAt(status, 'conditions')) {
    if (stringAt(condition, 'type') !== type) continue
    if (found === undefined || badness(condition, worst) > badness(found, worst)) found = condition
  }
  const conditionStatus = stringAt(found, 'status')
  if (conditionStatus !== 'True' && conditionStatus !== 'False' && conditionStatus !== 'Unknown') return undefined
  const lastTransitionTime = timeAt(found, 'lastTransitionTime')
  const lastUpdateTime = timeAt(found, 'lastUpdateTime')
  return {
    type,
    status: conditionStatus,
    ...(lastTransitionTime !== undefined && { lastTransitionTime }),
    ...(lastUpdateTime !== undefined && { lastUpdateTime }),
    ...explanation(stringAt(found, 'reason'), stringAt(found, 'message'))
  }
}

/** 2 for the worst status, 0 for its opposite, 1 for anything else. */
function badness (condition: unknown, worst: 'False' | 'True'): number {
  const status = stringAt(condition, 'status')
  if (status === worst) return 2
  return status === 'True' || status === 'False' ? 0 : 1
}

/** The reason and message of a condition, if it has them. */
function explanation (reason: string | undefined, message: string | undefined): { reason?: string, message?: string } {
  return { ...(reason !== undefined && { reason }), ...(message !== undefined && { message }) }
}
