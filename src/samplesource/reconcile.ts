import type { Static } from '@sinclair/typebox'
import type { FieldError } from '../kubernetes/field-error.js'
import { answerFor, compareChild, findChild, isBeingDeleted, keepAll } from '../metacontroller/children.js'
import { keepEvents, makeEvents } from '../metacontroller/event-objects.js'
import { HookRequest, type HookResponse } from '../metacontroller/protocol.js'
import { childEvents, failureEvents, type ReconcilerEvent } from '../metacontroller/reconciler-events.js'
import { resyncAfterRollout } from '../metacontroller/redeploy.js'
import { readAdapterConfig } from '../source/adapter-config.js'
import { makeWay } from '../source/exclusive-fields.js'
import { holdBack, injectionOf } from '../source/sink-injection.js'
import { hookDeploymentOf } from '../source/system-objects.js'
import { desire } from './desired.js'
import { sourceEvents } from './events.js'
import { makeStatus } from './lifecycle.js'
import { component, controllerAgentName } from './names.js'
import { receiveAdapterContainer, receiveAdapterName } from './receive-adapter.js'
import { SampleSource, type SampleSourceStatus } from './schema.js'
import type { Settings } from './settings.js'

const receiveAdapterKind = { kind: 'Deployment', label: 'deployment', condition: 'Deployed' }
const sinkBindingKind = { kind: 'SinkBinding', label: 'SinkBinding', condition: 'SinkBindingReady' }

/** Metacontroller's request for a SampleSource. */
export const SyncRequest = HookRequest(SampleSource)
export type SyncRequest = Static<typeof SyncRequest>

/** The answer to Metacontroller, and what to report about it. */
export interface Reconciliation {
  response: HookResponse<SampleSourceStatus>
  events: ReconcilerEvent[]
  /** Problems of the spec. */
  problems: FieldError[]
}

/**
 * Reconciles a SampleSource: from the observed state to the desired state.
 *
 * Pure, total and deterministic: the same arguments always give the same result, and it never throws. The result is a
 * fixed point: once applied, it stays the same and changes nothing.
 *
 * @param request the source, its observed children and its related objects
 * @param settings for all sources
 * @param now the transition time of conditions that change
 */
export function reconcile (request: SyncRequest, settings: Settings, now: Date): Reconciliation {
  const { parent: source, children, related } = request
  const name = receiveAdapterName(source)
  const observedDeployment = findChild(children, 'apps/v1', 'Deployment', name)
  const config = readAdapterConfig(request, settings.system, { component, container: receiveAdapterContainer, deployment: observedDeployment })
  const { children: valid, problems = [] } = desire(source, settings, config.env)
  // A source that has an invalid spec or is being deleted requests nothing new: its children stay as they are.
  const wanted = isBeingDeleted(source) ? undefined : valid
  const observedSinkBinding = findChild(children, 'sources.knative.dev/v1', 'SinkBinding', name)
  const { child: sinkBinding, next: nextSinkBinding } = makeWay(compareChild(observedSinkBinding, wanted?.sinkBinding), wanted?.sinkBinding)
  const injection = injectionOf(observedDeployment, sinkBinding, receiveAdapterContainer)
  const receiveAdapter = wanted && holdBack(wanted.receiveAdapter, observedDeployment, injection)
  const { child: deployment, next: nextDeployment } = makeWay(compareChild(observedDeployment, receiveAdapter), receiveAdapter)

  const status = makeStatus(source, { problems, config, deployment, sinkBinding, injection }, now)
  const events = [
    ...childEvents(receiveAdapterKind, deployment),
    ...childEvents(sinkBindingKind, sinkBinding),
    ...failureEvents(receiveAdapterKind, name, source, status),
    ...failureEvents(sinkBindingKind, name, source, status),
    ...sourceEvents(source, status)
  ]
  const desiredChildren = nextDeployment === undefined || nextSinkBinding === undefined
    ? keepAll(children)
    : [answerFor(deployment, nextDeployment), answerFor(sinkBinding, nextSinkBinding), ...keepEvents(children)]
  const resyncAfterSeconds = resyncAfterRollout(related, hookDeploymentOf(settings.system), now)
  return {
    response: {
      status,
      children: [...desiredChildren, ...makeEvents(events, source, status, children, controllerAgentName, now)],
      ...(resyncAfterSeconds !== undefined && { resyncAfterSeconds })
    },
    events,
    problems
  }
}
