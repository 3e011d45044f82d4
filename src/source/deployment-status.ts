import { findCondition } from '../kubernetes/conditions.js'
import { valueAt } from '../kubernetes/object.js'
import { isTrue, latest, type Finding } from '../knative/conditions.js'
import type { Child } from '../metacontroller/children.js'
import { absent, conflicting, explain, isSameInteger, unseen, updating } from './child-status.js'
import { lackOfSink, type Injection } from './sink-injection.js'

/**
 * Reports the availability of a Deployment. True requires what `kubectl rollout status` waits for: all pods are of the
 * current template, and as many are available as desired. `Available` alone is not enough: a person may have set
 * `maxUnavailable`, and it counts pods of the previous template. False requires a failure, or pods that were available
 * before: while they start, nothing has failed.
 *
 * @param injection whether its pods have the sink found by the SinkBinding
 */
export function propagateDeploymentAvailability (deployment: Child, injection: Injection): Finding {
  const notThere = absent('Deployment', deployment)
  if (notThere !== undefined) return notThere
  if (isWithoutReplicas(deployment)) return lackOfSink(injection, 'none') ?? noReplicas
  const conflict = conflicting('Deployment', deployment)
  if (conflict !== undefined) return conflict
  const { observed, outdated } = deployment
  const status = valueAt(observed, 'status')
  const isSeen = !outdated && unseen('Deployment', deployment) === undefined
  const failure = isSeen ? failureOf(status) : undefined
  if (failure !== undefined) return failure
  // A change of the sink changes the Deployment too, more than once: for a person, that is one stage.
  if (injection !== 'unresolved' && !isSeen) return updating('Deployment')
  const isUpdated = hasAll(observed, 'replicas') && hasAll(observed, 'updatedReplicas')
  return lackOfSink(injection, 'some') ?? pauseOf(observed, isUpdated) ?? availabilityOf(observed, status, isUpdated)
}

const noReplicas: Finding = { status: 'Unknown', reason: 'NoReplicas', message: 'The Deployment has no replicas (spec.replicas).' }

/** Whether a Deployment is to have no replicas; if no change is desired, whether it has none. */
function isWithoutReplicas ({ observed, desired }: Child): boolean {
  return valueAt(desired ?? observed, 'spec', 'replicas') === 0
}

function pauseOf (deployment: unknown, isUpdated: boolean): Finding | undefined {
  if (isUpdated || valueAt(deployment, 'spec', 'paused') !== true) return undefined
  return { status: 'Unknown', reason: 'DeploymentPaused', message: 'The Deployment is paused (spec.paused): its latest changes are not rolled out.' }
}

function availabilityOf (deployment: unknown, status: unknown, isUpdated: boolean): Finding {
  const available = findCondition(status, 'Available')
  if (available === undefined) {
    return { status: 'Unknown', reason: 'DeploymentUnavailable', message: 'The Deployment has not reported yet whether it is available.' }
  }
  if (available.status === 'True' && isUpdated && hasAll(deployment, 'availableReplicas')) {
    return { ...isTrue, since: latest([available.lastTransitionTime, findCondition(status, 'Progressing')?.lastUpdateTime]) }
  }
  if (isUnderWay(status, isUpdated)) return updating('Deployment')
  return available.status === 'True'
    ? { status: 'False', reason: 'MinimumReplicasUnavailable', message: 'The Deployment has been rolled out, but some of its replicas are no longer available.' }
    : explain(available, 'DeploymentUnavailable')
}

/**
 * Whether a rollout is unfinished. Without a deadline, a Deployment does not report its progress; then its availability
 * counts as it is.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#progressing-deployment
 */
function isUnderWay (status: unknown, isUpdated: boolean): boolean {
  const progressing = findCondition(status, 'Progressing')
  return !isUpdated || (progressing !== undefined && progressing.reason !== 'NewReplicaSetAvailable')
}

/** Whether a count in the status equals the desired number of replicas. */
function hasAll (deployment: unknown, count: 'replicas' | 'updatedReplicas' | 'availableReplicas'): boolean {
  return isSameInteger(valueAt(deployment, 'spec', 'replicas'), valueAt(deployment, 'status', count) ?? 0)
}

/**
 * Why the pods of a Deployment do not start, if its controller has given up or cannot create them: that is more helpful
 * than the message that they are unavailable.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status
 */
function failureOf (status: unknown): Finding | undefined {
  const replicaFailure = findCondition(status, 'ReplicaFailure', 'True')
  if (replicaFailure?.status === 'True') return { ...explain(replicaFailure, 'ReplicaFailure'), status: 'False' }
  const progressing = findCondition(status, 'Progressing')
  if (progressing?.status === 'False') return explain(progressing, 'DeploymentNotProgressing')
  return undefined
}
