import { arrayAt, stringAt, valueAt } from '../kubernetes/object.js'
import { findObject, relatedObjects } from './related.js'

/** Kubernetes' default grace period of a pod. */
const defaultGracePeriodSeconds = 30

/**
 * Says whether a parent must be synced again because the hook itself is being replaced. The last step of a rollout makes
 * Metacontroller sync every parent, but pods of the previous version may still be terminating, and one of them may answer.
 * After their grace period, only the new version can answer.
 *
 * @param related as Metacontroller sends it
 * @param hook the hook's own Deployment, which is one of them
 * @param now to tell whether the rollout made progress within the grace period
 * @returns seconds, or undefined if it is not necessary
 */
export function resyncAfterRollout (related: unknown, hook: { namespace: string, name: string } | undefined, now: Date): number | undefined {
  if (hook === undefined) return undefined
  const deployment = findObject(relatedObjects(related, 'apps/v1', 'Deployment') ?? [], hook.namespace, hook.name)
  const gracePeriod = valueAt(deployment, 'spec', 'template', 'spec', 'terminationGracePeriodSeconds')
  const seconds = typeof gracePeriod === 'number' ? gracePeriod : defaultGracePeriodSeconds
  const isRecent = (time = '') => Math.abs(now.getTime() - Date.parse(time)) / 1000 < seconds
  // Either clock may be ahead.
  const hasGoneOn = arrayAt(deployment, 'status', 'conditions')
    .some(condition => stringAt(condition, 'type') === 'Progressing' && isRecent(stringAt(condition, 'lastUpdateTime')))
  return hasGoneOn ? seconds : undefined
}
