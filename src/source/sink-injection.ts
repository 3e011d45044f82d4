import type { Deployment, DeploymentSpec } from 'kubernetes-types/apps/v1.js'
import { arrayAt, stringAt, valueAt, type JsonObject } from '../kubernetes/object.js'
import type { Finding } from '../knative/conditions.js'
import type { Child } from '../metacontroller/children.js'
import { updating } from './child-status.js'
import { markSink, propagateSinkBindingStatus } from './sink-binding-status.js'

/*
 * No pod starts before its sink is known. A SinkBinding resolves nothing while its Deployment is missing. Once the
 * Deployment exists, it adds the sink and then the token: each is a rollout. So a new Deployment has no replicas until both
 * are in.
 */

/**
 * How much of a SinkBinding's result is in the pod template of its Deployment:
 * - `unresolved`: there is no result, or not for the latest generation
 * - `missing`: the container lacks the address or the certificates in the SinkBinding's status
 * - `partial`: it has them, but not the token in the status, which Knative adds later
 * - `done`: it has everything
 */
export type Injection = 'unresolved' | 'missing' | 'partial' | 'done'

/**
 * Compares the pod template of a Deployment with the status of its SinkBinding. Both contain the texts as stored, escaped
 * for the kubelet.
 * https://github.com/knative/eventing/blob/main/pkg/apis/sources/v1/sinkbinding_lifecycle.go
 *
 * @param deployment as observed
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
 * The Deployment to apply now. A new one that lacks its sink has no replicas. It is also paused, so that it gets its first
 * ReplicaSet together with its first replica. Then Kubernetes treats that as a rollout: it reports success, or that it
 * takes too long. For mere scaling it does not.
 *
 * A Deployment with replicas keeps them: losing the sink stops no pod.
 *
 * @param desired with its final number of replicas
 * @param observed the existing one; undefined if there is none
 */
export function holdBack<Desired extends Deployment & { spec: DeploymentSpec }> (desired: Desired, observed: JsonObject | undefined, injection: Injection): Desired {
  const hasRun = observed !== undefined && valueAt(observed, 'spec', 'replicas') !== 0
  return hasRun || injection === 'done' ? desired : { ...desired, spec: { ...desired.spec, replicas: 0, paused: true } }
}

/**
 * Why a Deployment lacks part of its sink; undefined if it does not.
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
        message: 'The Deployment does not have the sink that the SinkBinding has found (K_SINK, K_CA_CERTS). Is the controller of SinkBindings running?'
      }
    case 'partial':
      return updating('Deployment')
    case 'done':
      return undefined
  }
}

const waiting = {
  none: 'No pod starts before the SinkBinding is ready.',
  some: 'It is unknown whether the pods have the right sink until the SinkBinding is ready.'
}
