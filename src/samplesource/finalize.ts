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

/** In this order the children of a source go. */
const teardown = ['Deployment.apps/v1', 'SinkBinding.sources.knative.dev/v1']

/**
 * Takes a source's children away, one kind after the other: the Deployment first, and the SinkBinding once no Deployment
 * is observed any more. The other way round, the SinkBinding's own finalizer would take the sink out of pods that are
 * about to go, and so have them replaced. Whatever else is observed is kept: Events expire by themselves.
 *
 * Pure, total and deterministic, as {@link ./reconcile.ts} is.
 *
 * @param request of a source that is on its way out
 * @param settings for all sources
 * @param now the time that conditions get whose status changes
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
