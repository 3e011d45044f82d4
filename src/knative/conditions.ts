import { Type, type Static } from '@sinclair/typebox'
import { findCondition } from '../kubernetes/conditions.js'
import { formatTime } from '../kubernetes/time.js'

/** What a condition can say. */
export const ConditionStatus = Type.Unsafe<'True' | 'False' | 'Unknown'>({ type: 'string', enum: ['True', 'False', 'Unknown'] })

export type ConditionStatus = Static<typeof ConditionStatus>

/**
 * A condition of a Knative resource, after `knative.dev/pkg/apis.Condition`.
 * https://github.com/knative/specs/blob/main/specs/knative-api-specification.md
 */
export const Condition = Type.Object({
  type: Type.String({ description: 'Type of condition.' }),
  status: Type.Unsafe<ConditionStatus>({ ...ConditionStatus, description: 'Status of the condition, one of True, False, Unknown.' }),
  severity: Type.Optional(Type.String({ description: 'How bad it is when the condition is not True: Error if left out, else Warning or Info.' })),
  lastTransitionTime: Type.Optional(Type.String({ format: 'date-time', description: 'When the condition last went from one status to another.' })),
  reason: Type.Optional(Type.String({ description: 'One word in CamelCase for why the condition is as it is.' })),
  message: Type.Optional(Type.String({ description: 'What a person needs to know about it.' }))
})

export type Condition = Static<typeof Condition>

/** What is known of a condition before it is known since when. */
export interface Finding {
  status: ConditionStatus
  /** `Info` of a condition that readiness does not depend on. */
  severity?: 'Info'
  reason?: string
  message?: string
  /** Since when, where what was observed says it. */
  since?: string | undefined
}

/** The finding that all is well, which needs no reason. */
export const isTrue: Finding = { status: 'True' }

/**
 * Sums up the conditions that an object's readiness depends on: False if any is False, else Unknown if any is Unknown,
 * else True, with the reason and message of the first that decides.
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
 * Makes the conditions of a status: sorted by type, each with the time of its last transition, which is the stored one
 * unless the condition's status has changed. Then it is the time that the finding says, if it does: so two syncs of one
 * state say the same, also the one of them that does not know yet what the other has stored.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties
 *
 * @param findings by condition type
 * @param storedStatus the object's `.status` as it was observed, of whatever form
 * @param now the time of a transition that is seen now
 * @param created when the object was made: the time of a condition that has never been stored
 */
export function makeConditions (findings: Record<string, Finding>, storedStatus: unknown, now: Date, created?: string | undefined): Condition[] {
  return sortByType(Object.entries(findings)
    .map(([type, { since, ...finding }]) => {
      const stored = findCondition(storedStatus, type)
      const kept = stored?.status === finding.status ? stored.lastTransitionTime : undefined
      // No transition is before the one before.
      const observed = since === undefined ? undefined : latest([since, stored?.lastTransitionTime])
      const first = stored === undefined ? created : undefined
      return { type, lastTransitionTime: kept ?? observed ?? first ?? formatTime(now), ...finding }
    }))
}

/** Conditions in the order in which Knative stores them. */
export function sortByType (conditions: Condition[]): Condition[] {
  return conditions.sort((left, right) => left.type < right.type ? -1 : 1)
}

/** The latest of some times; undefined where there are none. */
export function latest (times: Array<string | undefined>): string | undefined {
  return times.reduce((one, other) => other === undefined || (one !== undefined && Date.parse(one) >= Date.parse(other)) ? one : other, undefined)
}
