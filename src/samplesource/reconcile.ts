import type { EnvVar } from 'kubernetes-types/core/v1.js'
import type { Static } from '@sinclair/typebox'
import type { KubernetesObject } from '../kubernetes/object.js'
import { answerFor, compareChild, findChild, isBeingDeleted, keepAsItIs } from '../metacontroller/children.js'
import { HookRequest, type HookResponse, type ObjectMap } from '../metacontroller/protocol.js'
import { readAdapterConfig } from './adapter-config.js'
import type { SystemObjects } from './customize.js'
import { childEvents, reconciledEvents, type ReconcilerEvent } from './events.js'
import { labels } from './labels.js'
import { makeStatus } from './lifecycle.js'
import { makeReceiveAdapter, receiveAdapterName } from './receive-adapter.js'
import { SampleSource, type SampleSourceSpec, type SampleSourceStatus } from './schema.js'
import { makeSinkBinding } from './sink-binding.js'
import { validate } from './validation.js'

/** What Metacontroller asks for a SampleSource. */
export const SyncRequest = HookRequest(SampleSource)
export type SyncRequest = Static<typeof SyncRequest>

/** What the operator of the hook has decided for all sources. */
export interface Settings {
  /** Container image of the receive adapters. */
  receiveAdapterImage: string
  /** Arguments of its entrypoint. */
  receiveAdapterArgs: string[]
  /** What concerns every source beside its children; without, nothing does. */
  system?: SystemObjects | undefined
}

/** The answer to Metacontroller, and what there is to tell a person about it. */
export interface Reconciliation {
  response: HookResponse<SampleSourceStatus>
  events: ReconcilerEvent[]
}

/**
 * Reconciles a SampleSource: from the world as it is, the world as it should be.
 *
 * Pure, total and deterministic: the same arguments always give the same result, and none makes it throw. Its result
 * is a fixed point: once it has been applied, it stays the same and changes nothing any more.
 *
 * @param request the source, its observed children and its related objects
 * @param settings for all sources
 * @param now the time that conditions get whose status changes
 */
export function reconcile (request: SyncRequest, settings: Settings, now: Date): Reconciliation {
  const { parent: source, children, related } = request
  const name = receiveAdapterName(source)
  const observedDeployment = findChild(children, 'apps/v1', 'Deployment', name)
  const config = readAdapterConfig(related, settings.system, observedDeployment)
  const { spec, problems = [] } = validate(source.spec)
  // A source with an invalid spec, or on its way out, asks for nothing new: its children stay exactly as they are.
  const desired = spec === undefined || isBeingDeleted(source) ? undefined : makeChildren(source, spec, settings, config.env)

  const deployment = compareChild(observedDeployment, desired?.receiveAdapter)
  const sinkBinding = compareChild(findChild(children, 'sources.knative.dev/v1', 'SinkBinding', name), desired?.sinkBinding)

  const status = makeStatus(source, { problems, configProblems: config.problems, deployment, sinkBinding }, now)
  return {
    response: {
      status,
      children: desired === undefined
        ? keepAll(children)
        : [answerFor(deployment, desired.receiveAdapter), answerFor(sinkBinding, desired.sinkBinding)]
    },
    events: [
      ...childEvents('Deployment', 'deployment', deployment),
      ...childEvents('SinkBinding', 'SinkBinding', sinkBinding),
      ...reconciledEvents(source, status)
    ]
  }
}

/** The children that a valid source has. */
function makeChildren (source: SampleSource, spec: SampleSourceSpec, settings: Settings, additionalEnvs: EnvVar[]) {
  const { namespace, name } = source.metadata
  const receiveAdapter = makeReceiveAdapter({
    image: settings.receiveAdapterImage,
    args: settings.receiveAdapterArgs,
    labels: labels(name),
    source,
    spec,
    eventSource: `${namespace}/${name}`,
    additionalEnvs
  })
  return { receiveAdapter, sinkBinding: makeSinkBinding(spec, receiveAdapter) }
}

/** Answers all observed children as they are: one that were left out would be deleted. */
function keepAll (children: ObjectMap): KubernetesObject[] {
  // TypeBox lets anything pass under a key that has a line break in it.
  return Object.values(children)
    .flatMap(group => Object.values(group ?? {}))
    .flatMap(child => keepAsItIs(child) ?? [])
}
