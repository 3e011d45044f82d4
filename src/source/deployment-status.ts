import { findCondition } from '../kubernetes/conditions.js'
import { valueAt } from '../kubernetes/object.js'
import { isTrue, type Finding } from '../knative/conditions.js'
import type { Child } from '../metacontroller/children.js'
import { explain, isSameInteger, pending, unseen } from './child-status.js'
import { sinkNotInjected, type Injection } from './sink-injection.js'

/**
 * What a Deployment says of its availability. True takes what `kubectl rollout status` waits for: all pods are of this very
 * spec, and as many are available as are asked for. `Available` alone does not say so: a person may have set
 * `maxUnavailable`, and pods of the spec before count too.
 *
 * @param injection whether its pods have the sink that the SinkBinding has found
 */
export function propagateDeploymentAvailability (deployment: Child, injection: Injection): Finding {
  const notYet = pending('Deployment', deployment) ?? unseen('Deployment', deployment)
  if (notYet !== undefined) return notYet
  const { observed } = deployment
  const status = valueAt(observed, 'status')
  const failure = failureOf(status)
  if (failure !== undefined) return failure
  if (injection === 'missing') return sinkNotInjected
  const isUpdated = hasAll(observed, 'replicas') && hasAll(observed, 'updatedReplicas')
  if (!isUpdated && valueAt(observed, 'spec', 'paused') === true) {
    return { status: 'Unknown', reason: 'DeploymentPaused', message: 'The Deployment is paused (spec.paused), and what has changed is not rolled out.' }
  }
  const available = findCondition(status, 'Available')
  if (available === undefined) {
    return { status: 'Unknown', reason: 'DeploymentUnavailable', message: 'The Deployment has not said yet whether it is available.' }
  }
  if (available.status !== 'True') return explain(available, 'DeploymentUnavailable')
  if (isUpdated && hasAll(observed, 'availableReplicas')) return isTrue
  return isUpdated && findCondition(status, 'Progressing')?.reason === 'NewReplicaSetAvailable'
    ? { status: 'False', reason: 'MinimumReplicasUnavailable', message: 'The Deployment has been rolled out, and not all of its replicas are available any more.' }
    : { status: 'Unknown', reason: 'DeploymentUpdating', message: 'The Deployment is being rolled out.' }
}

/** Tells whether a count in the status of a Deployment is that of the replicas that are asked for. */
function hasAll (deployment: unknown, count: 'replicas' | 'updatedReplicas' | 'availableReplicas'): boolean {
  return isSameInteger(valueAt(deployment, 'spec', 'replicas'), valueAt(deployment, 'status', count) ?? 0)
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
