import { manager as metacontroller } from '../harness/child-manager.js'
import type { Step } from '../harness/cluster.js'
import type { Finding } from './finding.js'

/** How often Metacontroller wrote objects of a kind. */
export interface KindWrites {
  created: number
  updated: number
  deleted: number
  status: number
  /** How many of these changed nothing. */
  unchanged: number
}

/** The result for a parent. */
export interface ParentOutcome {
  kind: string
  namespace: string | undefined
  name: string
  /** The status of its condition `Ready`; undefined if it has none. */
  ready: string | undefined
  /** Seconds of simulated time from its creation until it was Ready; undefined if it never was. */
  readyAfterSeconds: number | undefined
}

export interface Outcome {
  atRest: boolean
  /** The number of calls of the sync hook and the finalize hook. */
  syncs: number
  /** The number of calls of the customize hook. */
  customizeCalls: number
  /** By kind. */
  writes: Record<string, KindWrites>
  parents: ParentOutcome[]
  findings: Finding[]
  /** Remarks that are not faults. */
  notes: string[]
  /** 1 if there are findings that count. */
  exitCode: 0 | 1
}

/** Counts the writes of Metacontroller, by kind. */
export function tally (steps: Step[]): Record<string, KindWrites> {
  const result: Record<string, KindWrites> = {}
  for (const step of steps) {
    if (step.type !== 'write' || step.write.manager !== metacontroller || step.write.refused !== undefined) continue
    const { kind, verb, subresource, old, changed } = step.write
    const writes = result[kind] ??= { created: 0, updated: 0, deleted: 0, status: 0, unchanged: 0 }
    writes[verb === 'delete' ? 'deleted' : subresource === 'status' ? 'status' : old === undefined ? 'created' : 'updated']++
    if (!changed) writes.unchanged++
  }
  return result
}
