import { arrayAt, stringAt } from '../kubernetes/object.js'
import type { Finding } from '../knative/conditions.js'
import type { Child } from '../metacontroller/children.js'
import { markSink, propagateSinkBindingStatus } from './sink-binding-status.js'

/**
 * How far what a SinkBinding has found is in the pod template of its Deployment:
 * - `unresolved`: it has not found it, or not for its latest generation
 * - `missing`: the container does not have the address, or the certificates, that the SinkBinding's status tells
 * - `done`: it has
 */
export type Injection = 'unresolved' | 'missing' | 'done'

/**
 * Holds the pod template of a Deployment against the status of its SinkBinding. Both have the texts as they are stored:
 * what is escaped for the kubelet is so in both.
 *
 * @param deployment as it was observed
 * @param container the one that sends to the sink
 */
export function injectionOf (deployment: unknown, sinkBinding: Child, container: string): Injection {
  const isReady = markSink(sinkBinding).status === 'True' && propagateSinkBindingStatus(sinkBinding, 'Ready').status === 'True'
  if (!isReady) return 'unresolved'
  const found = arrayAt(deployment, 'spec', 'template', 'spec', 'containers').find(candidate => stringAt(candidate, 'name') === container)
  const has = (name: string, value: string | undefined) => arrayAt(found, 'env')
    .some(variable => stringAt(variable, 'name') === name && stringAt(variable, 'value') === value)
  const sinkCACerts = stringAt(sinkBinding.observed, 'status', 'sinkCACerts')
  const hasSink = has('K_SINK', stringAt(sinkBinding.observed, 'status', 'sinkUri'))
  return hasSink && (sinkCACerts === undefined || has('K_CA_CERTS', sinkCACerts)) ? 'done' : 'missing'
}

/** What a Deployment is to be told of whose container does not have the sink. */
export const sinkNotInjected: Finding = {
  status: 'Unknown',
  reason: 'SinkNotInjected',
  message: 'The Deployment does not have the sink that the SinkBinding has found (K_SINK, K_CA_CERTS). Does the controller of SinkBindings run?'
}
