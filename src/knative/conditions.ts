import { Type, type Static } from '@sinclair/typebox'
import { findCondition } from '../kubernetes/conditions.js'
import { formatTime } from '../kubernetes/time.js'

/** The possible statuses of a condition. */
export const ConditionStatus = Type.Unsafe<'True' | 'False' | 'Unknown'>({ type: 'string', enum: ['True', 'False', 'Unknown'] })

export type ConditionStatus = Static<typeof ConditionStatus>

/**
 * A condition of a Knative resource, like `knative.dev/pkg/apis.Condition`.
 * https://github.com/knative/specs/blob/main/specs/knative-api-specification.md
 */
export const Condition = Type.Object({
  type: Type.String({ description: 'Type of condition.' }),
  status: Type.Unsafe<ConditionStatus>({ ...ConditionStatus, description: 'Status of the condition, one of True, False, Unknown.' }),
  severity: Type.Optional(Type.String({ description: 'How bad it is when the condition is not True: Error by default, else Warning or Info.' })),
  lastTransitionTime: Type.Optional(Type.String({ format: 'date-time', description: 'When the status of the condition last changed.' })),
  reason: Type.Optional(Type.String({ description: 'Reason for the status, as one word in CamelCase.' })),
  message: Type.Optional(Type.String({ description: 'Explanation of the status, for people.' }))
})

export type Condition = Static<typeof Condition>

/** A condition before its transition time is known. */
export interface Finding {
  status: ConditionStatus
  /** `Info` for a condition that readiness does not depend on. */
  severity?: 'Info'
  reason?: string
  message?: string
  /** Time of the transition, if the observed objects tell it. */
  since?: string | undefined
}

/** The finding that nothing is wrong; it needs no reason. */
export const isTrue: Finding = { status: 'True' }

/**
 * Sums up the conditions that an object's readiness depends on: False if any is False, else Unknown if any is Unknown,
 * else True. The reason and message are those of the first that decides.
 * https://pkg.go.dev/knative.dev/pkg/apis#ConditionSet
 *
 * @param findings in the order of cause
 */
export function summarize (findings: Finding[]): Finding {
  return findings.find(({ status }) => status === 'False') ??
    findings.find(({ status }) => status === 'Unknown') ??
    isTrue
}

/**
 * Makes the conditions of a status: sorted by type, each with its last transition time. That is the stored time unless the
 * condition's status has changed; then it is the finding's time, if it has one. So two syncs of the same state give the
 * same result, even if one of them does not yet see what the other has stored.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties
 *
 * @param findings by condition type
 * @param storedStatus the object's observed `.status`, in any form
 * @param now the time of a transition without another time
 * @param created when the object was created: the time of a condition that was never stored
 */
export function makeConditions (findings: Record<string, Finding>, storedStatus: unknown, now: Date, created?: string | undefined): Condition[] {
  return sortByType(Object.entries(findings)
    .map(([type, { since, ...finding }]) => {
      const stored = findCondition(storedStatus, type)
      const kept = stored?.status === finding.status ? stored.lastTransitionTime : undefined
      // No transition is earlier than the previous one.
      const observed = since === undefined ? undefined : latest([since, stored?.lastTransitionTime])
      const first = stored === undefined ? created : undefined
      return { type, lastTransitionTime: kept ?? observed ?? first ?? formatTime(now), ...finding }
    }))
}

/** Sorts conditions in the order in which Knative stores them. */
export function sortByType (conditions: Condition[]): Condition[] {
  return conditions.sort((left, right) => left.type < right.type ? -1 : 1)
}

/** The latest of some times; undefined if there are none. */
export function latest (times: Array<string | undefined>): string | undefined {
  return times.reduce((one, other) => other === undefined || (one !== undefined && Date.parse(one) >= Date.parse(other)) ? one : other, undefined)
}
