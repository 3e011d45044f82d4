import type { Deployment, DeploymentSpec } from 'kubernetes-types/apps/v1.js'
import { arrayAt, stringAt, valueAt, type JsonObject } from '../kubernetes/object.js'
import type { Finding } from '../knative/conditions.js'
import type { Child } from '../metacontroller/children.js'
import { updating } from './child-status.js'
import { markSink, propagateSinkBindingStatus } from './sink-binding-status.js'

/*
 * No pod before its sink. A SinkBinding resolves nothing while its Deployment is missing, and puts the sink, then the
 * token, into the Deployment once it is there: each is a rollout. So a new Deployment has no replicas until both are in.
 */

/**
 * How far what a SinkBinding has found is in the pod template of its Deployment:
 * - `unresolved`: it has not found it, or not for its latest generation
 * - `missing`: the container does not have the address, or the certificates, that the SinkBinding's status tells
 * - `partial`: it has, but not the token that the status tells of, which Knative adds after that
 * - `done`: all is there
 */
export type Injection = 'unresolved' | 'missing' | 'partial' | 'done'

/**
 * Holds the pod template of a Deployment against the status of its SinkBinding. Both have the texts as they are stored:
 * what is escaped for the kubelet is so in both.
 * https://github.com/knative/eventing/blob/main/pkg/apis/sources/v1/sinkbinding_lifecycle.go
 *
 * @param deployment as it was observed
 * @param container the one that sends to the sink
 */
export function injectionOf (deployment: unknown, sinkBinding: Child, container: string): Injection {
  const isReady = markSink(sinkBinding).status === 'True' && propagateSinkBindingStatus(sinkBinding, 'Ready').status === 'True'
  if (!isReady) return 'unresolved'
  const status = valueAt(sinkBinding.observed, 'status')
  const pod = valueAt(deployment, 'spec', 'template', 'spec')
  const env = arrayAt(findNamed(arrayAt(pod, 'containers'), container), 'env')
  const has = (name: string, value: string | undefined) => stringAt(findNamed(env, name), 'value') === value
  const [sinkUri, sinkCACerts, secret] = ['sinkUri', 'sinkCACerts', 'oidcTokenSecretName'].map(field => stringAt(status, field))
  if (!has('K_SINK', sinkUri) || (sinkCACerts !== undefined && !has('K_CA_CERTS', sinkCACerts))) return 'missing'
  const token = findNamed(arrayAt(pod, 'volumes'), 'oidc-token')
  const hasToken = arrayAt(token, 'projected', 'sources').some(source => stringAt(source, 'secret', 'name') === secret)
  return secret === undefined || hasToken ? 'done' : 'partial'
}

function findNamed (items: unknown[], name: string): unknown {
  return items.find(item => stringAt(item, 'name') === name)
}

/**
 * The Deployment as it is to be asked for now: one that has never run, and does not have its sink, without replicas.
 * Paused besides, it gets its first ReplicaSet when it gets its replica. Then its rollout is one that Kubernetes watches:
 * it says when it has succeeded, and when it takes too long. It does not for what is only scaled.
 *
 * One that has replicas keeps them: a sink that goes away stops no pod.
 *
 * @param desired with the replicas that it is to have in the end
 * @param observed the one that is there; undefined when there is none
 */
export function holdBack<Desired extends Deployment & { spec: DeploymentSpec }> (desired: Desired, observed: JsonObject | undefined, injection: Injection): Desired {
  const hasRun = observed !== undefined && valueAt(observed, 'spec', 'replicas') !== 0
  return hasRun || injection === 'done' ? desired : { ...desired, spec: { ...desired.spec, replicas: 0, paused: true } }
}

/**
 * Why a Deployment does not have all of its sink; undefined when it does.
 *
 * @param replicas whether it has any
 */
export function lackOfSink (injection: Injection, replicas: 'none' | 'some'): Finding | undefined {
  switch (injection) {
    case 'unresolved':
      return { status: 'Unknown', reason: 'WaitingForSink', message: waiting[replicas] }
    case 'missing':
      return {
        status: 'Unknown',
        reason: 'SinkNotInjected',
        message: 'The Deployment does not have the sink that the SinkBinding has found (K_SINK, K_CA_CERTS). Does the controller of SinkBindings run?'
      }
    case 'partial':
      return updating('Deployment')
    case 'done':
      return undefined
  }
}

const waiting = {
  none: 'No pod is started before the SinkBinding is ready.',
  some: 'Whether the pods have the right sink is known once the SinkBinding is ready.'
}
