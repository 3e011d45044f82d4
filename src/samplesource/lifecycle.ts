import { findCondition } from '../kubernetes/conditions.js'
import { describeProblems, type FieldError } from '../kubernetes/field-error.js'
import { timeAt } from '../kubernetes/time.js'
import { isTrue, latest, makeConditions, sortByType, summarize, type Finding } from '../knative/conditions.js'
import type { Child } from '../metacontroller/children.js'
import type { AdapterConfig } from '../source/adapter-config.js'
import { propagateDeploymentAvailability } from '../source/deployment-status.js'
import { markSink, propagateSinkBindingStatus, sinkOf } from '../source/sink-binding-status.js'
import type { Injection } from '../source/sink-injection.js'
import { eventSource, eventType } from './names.js'
import type { SampleSource, SampleSourceStatus } from './schema.js'

/** Everything that the status of a SampleSource is computed from. */
export interface Observation {
  /** Problems of the spec. */
  problems: FieldError[]
  /** Problems of the ConfigMaps. */
  config: Pick<AdapterConfig, 'problems' | 'isStale'>
  deployment: Child
  sinkBinding: Child
  /** Whether the Deployment has the sink found by the SinkBinding. */
  injection: Injection
}

/**
 * Makes the status of a SampleSource from what was observed, never from what was just requested.
 *
 * @param source with its stored status, for the times of the last transitions
 * @param now the transition time of conditions that change
 */
export function makeStatus (source: SampleSource, { problems, config, deployment, sinkBinding, injection }: Observation, now: Date): SampleSourceStatus {
  const findings = {
    SpecValid: markSpecValid(problems),
    SinkProvided: markSink(sinkBinding),
    SinkBindingReady: propagateSinkBindingStatus(sinkBinding, 'Ready', deployment.observed),
    Deployed: propagateDeploymentAvailability(deployment, injection)
  }
  const created = timeAt(source.metadata, 'creationTimestamp')
  const conditionsOf = (findings: Record<string, Finding>) => makeConditions(findings, source.status, now, created)
  // Ready changes only when another condition does: at the time of the last of them.
  const dependents = conditionsOf(findings)
  const since = latest(dependents.map(({ lastTransitionTime }) => lastTransitionTime))
  return {
    observedGeneration: source.metadata.generation,
    conditions: sortByType([...dependents, ...conditionsOf({ ...markConfigValid(config), Ready: { ...summarize(Object.values(findings)), since } })]),
    ceAttributes: [{ type: eventType, source: eventSource }],
    ...sinkOf(sinkBinding.observed)
  }
}

/** Whether a status says that the source is ready. */
export function isReady (status: unknown): boolean {
  return findCondition(status, 'Ready')?.status === 'True'
}

/** `SpecValid`: True, or False with each path and problem. */
function markSpecValid (problems: FieldError[]): Finding {
  return problems.length === 0 ? isTrue : { status: 'False', reason: 'InvalidSpec', message: describeProblems(problems) }
}

/** `ConfigValid`, if there is a configuration. Not part of `Ready`: the adapters keep running with the previous one. */
function markConfigValid ({ problems, isStale }: Observation['config']): Record<string, Finding> {
  if (problems === undefined) return {}
  const finding: Finding = problems.length > 0 ? { status: 'False', reason: 'InvalidConfig', message: describeProblems(problems) } : isStale ? stale : isTrue
  return { ConfigValid: { ...finding, severity: 'Info' } }
}

const stale: Finding = {
  status: 'Unknown',
  reason: 'StaleConfig',
  message: 'Metacontroller still sends the ConfigMaps that the hook asked for before. It asks again within 20 minutes, or when the spec changes; until then, the adapter keeps its configuration.'
}
