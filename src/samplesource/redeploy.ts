import { arrayAt, stringAt, valueAt } from '../kubernetes/object.js'
import { findObject, relatedObjects } from '../metacontroller/related.js'
import type { SystemObjects } from './customize.js'

/** What Kubernetes gives a pod that does not say. */
const defaultGracePeriodSeconds = 30

/**
 * Says whether a source has to be looked at once more because the hook itself is being replaced. A rollout's last step
 * has Metacontroller sync every source, but then pods of the version before are still there, on their way out, and one
 * of them may be who answers. Once their grace period is over, only the new version can.
 *
 * @param related as Metacontroller sends it
 * @param system which Deployment is the hook's own
 * @param now to tell whether the rollout has gone on within the grace period
 * @returns seconds, or undefined when there is no need
 */
export function resyncAfterRollout (related: unknown, system: SystemObjects | undefined, now: Date): number | undefined {
  if (system?.hookDeployment === undefined) return undefined
  const deployment = findObject(relatedObjects(related, 'apps/v1', 'Deployment') ?? [], system.namespace, system.hookDeployment)
  const gracePeriod = valueAt(deployment, 'spec', 'template', 'spec', 'terminationGracePeriodSeconds')
  const seconds = typeof gracePeriod === 'number' ? gracePeriod : defaultGracePeriodSeconds
  const isRecent = (time = '') => Math.abs(now.getTime() - Date.parse(time)) / 1000 < seconds
  // Either clock may be the one that is ahead.
  const hasGoneOn = arrayAt(deployment, 'status', 'conditions')
    .some(condition => stringAt(condition, 'type') === 'Progressing' && isRecent(stringAt(condition, 'lastUpdateTime')))
  return hasGoneOn ? seconds : undefined
}
