import { compareChild, findChild } from '../metacontroller/children.js'
import type { HookResponse } from '../metacontroller/protocol.js'
import { tearDown } from '../metacontroller/teardown.js'
import { readAdapterConfig } from '../source/adapter-config.js'
import { injectionOf } from '../source/sink-injection.js'
import { desire } from './desired.js'
import { makeStatus } from './lifecycle.js'
import { component } from './names.js'
import { receiveAdapterContainer, receiveAdapterName } from './receive-adapter.js'
import type { SyncRequest } from './reconcile.js'
import type { SampleSourceStatus } from './schema.js'
import type { Settings } from './settings.js'

/** The children of a source are deleted in this order. */
const teardown = ['Deployment.apps/v1', 'SinkBinding.sources.knative.dev/v1']

/**
 * Deletes a source's children, one kind after the other: first the Deployment, and the SinkBinding once no Deployment is
 * observed. In the other order, the SinkBinding's own finalizer would remove the sink from pods that are about to end,
 * and so replace them. All other observed children stay: Events expire by themselves.
 *
 * Pure, total and deterministic, like {@link ./reconcile.ts}.
 *
 * @param request of a source that is being deleted
 * @param settings for all sources
 * @param now the transition time of conditions that change
 */
export function finalize (request: SyncRequest, settings: Settings, now: Date): HookResponse<SampleSourceStatus> {
  const { parent: source, children } = request
  const name = receiveAdapterName(source)
  const observedDeployment = findChild(children, 'apps/v1', 'Deployment', name)
  const config = readAdapterConfig(request, settings.system, { component, container: receiveAdapterContainer, deployment: observedDeployment })
  const sinkBinding = compareChild(findChild(children, 'sources.knative.dev/v1', 'SinkBinding', name), undefined)
  const observation = {
    problems: desire(source, settings, config.env).problems ?? [],
    config,
    deployment: compareChild(observedDeployment, undefined),
    sinkBinding,
    injection: injectionOf(observedDeployment, sinkBinding, receiveAdapterContainer)
  }
  return { status: makeStatus(source, observation, now), ...tearDown(children, teardown) }
}
