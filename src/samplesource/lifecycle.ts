import type { FieldError } from '../kubernetes/field-error.js'
import { arrayAt, isObject, stringAt, valueAt } from '../kubernetes/object.js'
import { findCondition, isTrue, makeConditions, summarize, type Condition, type Finding } from '../knative/conditions.js'
import { isBeingDeleted, type Child } from '../metacontroller/children.js'
import { eventSource, eventType } from './cloud-event.js'
import type { SampleSource, SampleSourceStatus } from './schema.js'
import { describeProblems } from './validation.js'

/** All that the status of a SampleSource speaks of. */
export interface Observation {
  /** Of the spec. */
  problems: FieldError[]
  /** Of the ConfigMaps; undefined when none were asked for. */
  configProblems: FieldError[] | undefined
  deployment: Child
  sinkBinding: Child
}

/**
 * Makes the status of a SampleSource from what was observed, never from what was just asked for.
 *
 * @param source with its stored status, for the times of the last transitions
 * @param now the time of a transition that is seen now
 */
export function makeStatus (source: SampleSource, { problems, configProblems, deployment, sinkBinding }: Observation, now: Date): SampleSourceStatus {
  const findings = {
    SpecValid: markSpecValid(problems),
    SinkProvided: markSink(sinkBinding),
    SinkBindingReady: propagateSinkBindingStatus(sinkBinding, 'Ready'),
    Deployed: propagateDeploymentAvailability(deployment)
  }
  return {
    observedGeneration: source.metadata.generation,
    conditions: makeConditions({ ...findings, ...markConfigValid(configProblems), Ready: summarize(Object.values(findings)) }, source.status, now),
    ceAttributes: [{ type: eventType, source: eventSource }],
    ...sinkOf(sinkBinding.observed)
  }
}

/** Tells whether a status says that the source is ready. */
export function isReady (status: unknown): boolean {
  return findCondition(status, 'Ready')?.status === 'True'
}

/** `SpecValid`: True, or False with each path and problem. */
function markSpecValid (problems: FieldError[]): Finding {
  return problems.length === 0 ? isTrue : { status: 'False', reason: 'InvalidSpec', message: describeProblems(problems) }
}

/** `ConfigValid`, where there is a configuration: the adapters run with the one before, so `Ready` does not ask for it. */
function markConfigValid (problems: FieldError[] | undefined): Record<string, Finding> {
  if (problems === undefined) return {}
  const finding: Finding = problems.length === 0 ? isTrue : { status: 'False', reason: 'InvalidConfig', message: describeProblems(problems) }
  return { ConfigValid: { ...finding, severity: 'Info' } }
}

/** `SinkProvided`: what the SinkBinding says of its sink. True needs an address too. */
function markSink (sinkBinding: Child): Finding {
  const finding = propagateSinkBindingStatus(sinkBinding, 'SinkProvided')
  return finding.status === 'True' && stringAt(sinkBinding.observed, 'status', 'sinkUri') === undefined
    ? { status: 'Unknown', reason: 'SinkEmpty', message: 'The sink has resolved to an empty address.' }
    : finding
}

/**
 * What the SinkBinding says in one of its conditions. True counts only once its controller has seen the latest
 * generation. What is not True counts at once: a SinkBinding that fails never gets to say which generation it has seen.
 * https://github.com/knative/pkg/blob/main/webhook/psbinding/reconciler.go
 */
function propagateSinkBindingStatus (sinkBinding: Child, type: string): Finding {
  const notYet = pending('SinkBinding', sinkBinding)
  if (notYet !== undefined) return notYet
  const condition = findCondition(valueAt(sinkBinding.observed, 'status'), type)
  if (condition !== undefined && condition.status !== 'True') return explain(condition, `SinkBinding${type}`)
  return unseen('SinkBinding', sinkBinding) ?? (condition === undefined
    ? { status: 'Unknown', reason: 'SinkBindingUnknown', message: `The SinkBinding has not said yet whether it is ${type}.` }
    : isTrue)
}

/**
 * `Deployed`: True when the receive adapter is as asked and the pods that run are those of this very spec; a rollout
 * that is under way is Unknown, though pods of the spec before keep it available.
 */
function propagateDeploymentAvailability (deployment: Child): Finding {
  const notYet = pending('Deployment', deployment) ?? unseen('Deployment', deployment)
  if (notYet !== undefined) return notYet
  const status = valueAt(deployment.observed, 'status')
  const available = findCondition(status, 'Available')
  if (available === undefined) {
    return { status: 'Unknown', reason: 'DeploymentUnavailable', message: 'The Deployment has not said yet whether it is available.' }
  }
  if (available.status === 'True' && !isRollingOut(status)) return isTrue
  return failureOf(status) ?? (available.status === 'True'
    ? { status: 'Unknown', reason: 'DeploymentUpdating', message: 'The Deployment is being rolled out.' }
    : explain(available, 'DeploymentUnavailable'))
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

/** Tells whether pods are there that are not of the latest spec, or not all of the latest yet. */
function isRollingOut (status: unknown): boolean {
  const replicas = valueAt(status, 'replicas')
  return replicas !== undefined && !isSameInteger(replicas, valueAt(status, 'updatedReplicas') ?? 0)
}

/** Why a child's status does not count yet; undefined when it does. */
function pending (kind: string, { observed, outdated }: Child): Finding | undefined {
  if (observed === undefined) {
    return { status: 'Unknown', reason: `${kind}Missing`, message: `The ${kind} does not exist.` }
  }
  if (isBeingDeleted(observed)) {
    return { status: 'Unknown', reason: `${kind}Terminating`, message: `The ${kind} is being deleted.` }
  }
  if (outdated) {
    return { status: 'Unknown', reason: `${kind}Updating`, message: `The ${kind} is being updated.` }
  }
  return undefined
}

/** Why a child's status is not of its latest generation; undefined when it is. */
function unseen (kind: string, { observed }: Child): Finding | undefined {
  const generation = valueAt(observed, 'metadata', 'generation')
  return isSameInteger(generation, valueAt(observed, 'status', 'observedGeneration'))
    ? undefined
    : { status: 'Unknown', reason: `${kind}Updating`, message: `The controller of the ${kind} has not seen its latest generation yet.` }
}

/** Tells whether two values are one integer: what is none says nothing, twice over too. */
function isSameInteger (one: unknown, other: unknown): boolean {
  return Number.isInteger(one) && one === other
}

/** A condition as a finding, which has a reason in any case. */
function explain ({ status, reason, message }: Condition, otherReason: string): Finding {
  return { status, reason: reason ?? otherReason, ...(message !== undefined && { message }) }
}

/** What the SinkBinding tells of the sink, copied as ContainerSource copies it. */
function sinkOf (sinkBinding: unknown): Partial<SampleSourceStatus> {
  const status = valueAt(sinkBinding, 'status')
  const sinkUri = stringAt(status, 'sinkUri')
  const sinkCACerts = stringAt(status, 'sinkCACerts')
  const sinkAudience = stringAt(status, 'sinkAudience')
  const auth = authOf(status)
  return {
    ...(sinkUri !== undefined && { sinkUri }),
    ...(sinkCACerts !== undefined && { sinkCACerts }),
    ...(sinkAudience !== undefined && { sinkAudience }),
    ...(auth !== undefined && { auth })
  }
}

function authOf (status: unknown): SampleSourceStatus['auth'] {
  if (!isObject(valueAt(status, 'auth'))) return undefined
  const serviceAccountName = stringAt(status, 'auth', 'serviceAccountName')
  const serviceAccountNames = arrayAt(status, 'auth', 'serviceAccountNames').filter(name => typeof name === 'string')
  return {
    ...(serviceAccountName !== undefined && { serviceAccountName }),
    ...(serviceAccountNames.length > 0 && { serviceAccountNames })
  }
}
