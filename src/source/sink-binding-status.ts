import { findCondition } from '../kubernetes/conditions.js'
import { unescapeReferences } from '../kubernetes/env-vars.js'
import { arrayAt, isObject, stringAt, valueAt } from '../kubernetes/object.js'
import { isTrue, type Finding } from '../knative/conditions.js'
import type { SourceStatus } from '../knative/source-status.js'
import type { Child } from '../metacontroller/children.js'
import { explain, pending, unseen, updating } from './child-status.js'

/** `SinkProvided`: the SinkBinding's condition of its sink. True also requires an address. */
export function markSink (sinkBinding: Child): Finding {
  const finding = propagateSinkBindingStatus(sinkBinding, 'SinkProvided')
  return finding.status === 'True' && stringAt(sinkBinding.observed, 'status', 'sinkUri') === undefined
    ? { status: 'Unknown', reason: 'SinkEmpty', message: 'The sink has resolved to an empty address.' }
    : finding
}

/**
 * Reports one of the SinkBinding's conditions. True counts only once its controller has seen the latest generation. False,
 * or Unknown with a reason, counts at once: a failing SinkBinding never reports which generation it has seen.
 * https://github.com/knative/pkg/blob/main/webhook/psbinding/reconciler.go
 *
 * @param subject of the SinkBinding, as observed: while it exists, a SinkBinding that reports it missing is only out of date
 */
export function propagateSinkBindingStatus (sinkBinding: Child, type: string, subject?: unknown): Finding {
  const notYet = pending('SinkBinding', sinkBinding)
  if (notYet !== undefined) return notYet
  const condition = findCondition(valueAt(sinkBinding.observed, 'status'), type)
  if (condition === undefined) {
    return unseen('SinkBinding', sinkBinding) ?? { status: 'Unknown', reason: 'SinkBindingUnknown', message: `The SinkBinding has not reported yet whether it is ${type}.` }
  }
  if (condition.reason === 'SubjectMissing' && subject !== undefined) return updating('SinkBinding')
  if (condition.status === 'True') return unseen('SinkBinding', sinkBinding) ?? { ...isTrue, since: condition.lastTransitionTime }
  const finding = explain(condition, `SinkBinding${type}`)
  const isFinal = condition.status === 'False' || condition.reason !== undefined
  return isFinal ? finding : unseen('SinkBinding', sinkBinding) ?? finding
}

/**
 * Copies what the SinkBinding reports about the sink, as ContainerSource does; the address and certificates as the
 * adapter receives them.
 */
export function sinkOf (sinkBinding: unknown): Partial<SourceStatus> {
  const status = valueAt(sinkBinding, 'status')
  const sinkUri = stringAt(status, 'sinkUri')
  const sinkCACerts = stringAt(status, 'sinkCACerts')
  const sinkAudience = stringAt(status, 'sinkAudience')
  const auth = authOf(status)
  return {
    ...(sinkUri !== undefined && { sinkUri: unescapeReferences(sinkUri) }),
    ...(sinkCACerts !== undefined && { sinkCACerts: unescapeReferences(sinkCACerts) }),
    ...(sinkAudience !== undefined && { sinkAudience }),
    ...(auth !== undefined && { auth })
  }
}

function authOf (status: unknown): SourceStatus['auth'] {
  if (!isObject(valueAt(status, 'auth'))) return undefined
  const serviceAccountName = stringAt(status, 'auth', 'serviceAccountName')
  const serviceAccountNames = arrayAt(status, 'auth', 'serviceAccountNames').filter(name => typeof name === 'string')
  return {
    ...(serviceAccountName !== undefined && { serviceAccountName }),
    ...(serviceAccountNames.length > 0 && { serviceAccountNames })
  }
}
