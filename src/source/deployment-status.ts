import { findCondition } from '../kubernetes/conditions.js'
import { valueAt } from '../kubernetes/object.js'
import { isTrue, type Finding } from '../knative/conditions.js'
import type { Child } from '../metacontroller/children.js'
import { explain, isSameInteger, pending, unseen } from './child-status.js'

/**
 * What a Deployment says of its availability: True when it is as asked and the pods that run are those of this very spec; a rollout
 * that is under way is Unknown, though pods of the spec before keep it available.
 */
export function propagateDeploymentAvailability (deployment: Child): Finding {
  const notYet = pending('Deployment', deployment) ?? unseen('Deployment', deployment)
  if (notYet !== undefined) return notYet
  const status = valueAt(deployment.observed, 'status')
  const available = findCondition(status, 'Available')
  if (available === undefined) {
    return { status: 'Unknown', reason: 'DeploymentUnavailable', message: 'The Deployment has not said yet whether it is available.' }
  }
  if (available.status === 'True' && !isRollingOut(status)) return isTrue
  return failureOf(status) ?? (available.status === 'True'
    ? { status: 'Unknown', reason: 'DeploymentUpdating', message: 'The Deployment is being rolled out.' }
    : explain(available, 'DeploymentUnavailable'))
}

/**
 * Why the pods of a Deployment do not come up, where the Deployment's controller has given up or cannot make them: that
 * tells more than that they are not available.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
 */
function failureOf (status: unknown): Finding | undefined {
  const replicaFailure = findCondition(status, 'ReplicaFailure', 'True')
  if (replicaFailure?.status === 'True') return { ...explain(replicaFailure, 'ReplicaFailure'), status: 'False' }
  const progressing = findCondition(status, 'Progressing')
  if (progressing?.status === 'False') return explain(progressing, 'DeploymentNotProgressing')
  return undefined
}

/** Tells whether pods are there that are not of the latest spec, or not all of the latest yet. */
function isRollingOut (status: unknown): boolean {
  const replicas = valueAt(status, 'replicas')
  return replicas !== undefined && !isSameInteger(replicas, valueAt(status, 'updatedReplicas') ?? 0)
}
