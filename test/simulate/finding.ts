import { cut } from '../../src/kubernetes/field-error.js'
import type { Move } from './moves.js'

/** What can be wrong with a hook, or with what was applied. */
export const faults = [
  'endless-update', 'moving-status', 'delete-and-create', 'endless-create', 'sync-error', 'empty-customize', 'not-at-rest',
  'refused', 'not-ready'
] as const

export type Fault = typeof faults[number]

/** A fault that was seen, and of what. */
export interface Finding {
  fault: Fault
  /** `ConfigMap default/settings`; of a whole controller, its name. */
  object: string
  /** What happens, in one line. */
  message: string
  /** The fields that move, if any do. */
  moves: Move[]
}

/** A text on one line, without what a terminal takes for a command, and cut where nobody would read on. */
export function onOneLine (text: string): string {
  return cut(text.replace(/[\s\p{Control}]+/gu, ' '), 1000).trimEnd()
}

/** `ConfigMap default/settings`, as a finding names an object. */
export function label ({ kind, namespace, name }: { kind: string, namespace?: string | undefined, name: string }): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`
}
