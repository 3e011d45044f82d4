import { arrayAt, stringAt, valueAt } from '../kubernetes/object.js'
import { findObject, relatedObjects } from './related.js'

/** What Kubernetes gives a pod that does not say. */
const defaultGracePeriodSeconds = 30

/**
 * Says whether a parent has to be looked at once more because the hook itself is being replaced. A rollout's last step
 * has Metacontroller sync every parent, but then pods of the version before are still there, on their way out, and one
 * of them may be who answers. Once their grace period is over, only the new version can.
 *
 * @param related as Metacontroller sends it
 * @param hook the hook's own Deployment, which is among them
 * @param now to tell whether the rollout has gone on within the grace period
 * @returns seconds, or undefined when there is no need
 */
export function resyncAfterRollout (related: unknown, hook: { namespace: string, name: string } | undefined, now: Date): number | undefined {
  if (hook === undefined) return undefined
  const deployment = findObject(relatedObjects(related, 'apps/v1', 'Deployment') ?? [], hook.namespace, hook.name)
  const gracePeriod = valueAt(deployment, 'spec', 'template', 'spec', 'terminationGracePeriodSeconds')
  const seconds = typeof gracePeriod === 'number' ? gracePeriod : defaultGracePeriodSeconds
  const isRecent = (time = '') => Math.abs(now.getTime() - Date.parse(time)) / 1000 < seconds
  // Either clock may be the one that is ahead.
  const hasGoneOn = arrayAt(deployment, 'status', 'conditions')
    .some(condition => stringAt(condition, 'type') === 'Progressing' && isRecent(stringAt(condition, 'lastUpdateTime')))
  return hasGoneOn ? seconds : undefined
}
