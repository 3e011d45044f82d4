import { cut, invisible } from '../../src/kubernetes/field-error.js'
import type { Manifest } from '../harness/resource.js'
import type { Move } from './moves.js'

/** What can be wrong with a hook or with the applied objects. */
export const faults = [
  'endless-update', 'moving-status', 'delete-and-create', 'endless-create', 'endless-finalize', 'sync-error', 'empty-customize',
  'not-at-rest', 'refused', 'not-ready'
] as const

export type Fault = typeof faults[number]

/** A fault that was seen, and the object that has it. */
export interface Finding {
  fault: Fault
  /** `ConfigMap default/settings`, or the name of the controller. */
  object: string
  /** What happens, in one line. */
  message: string
  /** The fields that change, if any. */
  moves: Move[]
}

/** A text on one line, without control characters, and cut if it is very long. */
export function onOneLine (text: string): string {
  return cut(text.replace(invisible, ' ').replace(/\s+/g, ' '), 1000).trimEnd()
}

/** `ConfigMap default/settings`, as a finding names an object. */
export function label ({ kind, namespace, name }: { kind: string, namespace?: string | undefined, name: string }): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`
}

/** The label of an object. */
export function labelOf ({ kind, metadata: { namespace, name } }: Manifest): string {
  return label({ kind, namespace, name })
}
