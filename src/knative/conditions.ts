import { Type, type Static } from '@sinclair/typebox'
import { arrayAt, stringAt } from '../kubernetes/object.js'
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
 * unless the condition's status has changed.
 * https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties
 *
 * @param findings by condition type
 * @param storedStatus the object's `.status` as it was observed, of whatever form
 * @param now the time of a transition that is seen now
 */
export function makeConditions (findings: Record<string, Finding>, storedStatus: unknown, now: Date): Condition[] {
  const transitionTime = formatTime(now)
  return Object.entries(findings)
    .sort(([left], [right]) => left < right ? -1 : 1)
    .map(([type, finding]) => {
      const stored = findCondition(storedStatus, type)
      const lastTransitionTime = stored?.status === finding.status ? stored.lastTransitionTime : undefined
      return { type, lastTransitionTime: lastTransitionTime ?? transitionTime, ...finding }
    })
}

/**
 * Reads a condition from an observed status. There should be one of a type; of several the worst counts.
 *
 * @param status a `.status` of whatever form
 * @param worst of the two certain ones; True of a condition that tells of a failure, such as `ReplicaFailure`
 * @returns the condition with those of its fields that can be made use of; undefined when there is none of that type,
 * or its `status` is none of the three
 */
export function findCondition (status: unknown, type: string, worst: 'False' | 'True' = 'False'): Condition | undefined {
  let found: unknown
  for (const condition of arrayAt(status, 'conditions')) {
    if (stringAt(condition, 'type') !== type) continue
    if (found === undefined || badness(condition, worst) > badness(found, worst)) found = condition
  }
  const conditionStatus = stringAt(found, 'status')
  if (conditionStatus !== 'True' && conditionStatus !== 'False' && conditionStatus !== 'Unknown') return undefined
  const lastTransitionTime = stringAt(found, 'lastTransitionTime')
  return {
    type,
    status: conditionStatus,
    ...(lastTransitionTime !== undefined && isTimestamp(lastTransitionTime) && { lastTransitionTime }),
    ...explanation(stringAt(found, 'reason'), stringAt(found, 'message'))
  }
}

/** 2 for the worst status, 0 for its opposite, 1 for what is not known. */
function badness (condition: unknown, worst: 'False' | 'True'): number {
  const status = stringAt(condition, 'status')
  if (status === worst) return 2
  return status === 'True' || status === 'False' ? 0 : 1
}

/** The reason and message of a condition, each only if there is one. */
function explanation (reason: string | undefined, message: string | undefined): { reason?: string, message?: string } {
  return { ...(reason !== undefined && { reason }), ...(message !== undefined && { message }) }
}

/** RFC 3339, which is what the API server takes for a date-time. */
function isTimestamp (text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))
}
