import diff from 'microdiff'
import type { JsonObject } from '../../src/kubernetes/object.js'

/** A field that has changed. */
export interface Move {
  /** As in `spec.template.spec.containers[0].image`. A key is quoted unless it has only letters, digits, `-` and `_`. */
  path: string
  /** Undefined if the field was absent before, or is absent now. */
  was: unknown
  is: unknown
}

/** The fields in which two JSON values differ. */
export function movesBetween (was: object, is: object): Move[] {
  return differences(was, is).map(({ path, was, is }) => ({ path: pathOf(path), was, is }))
}

/**
 * The fields whose stored value differs from the desired one. Other stored fields are defaults, or belong to others.
 *
 * @returns `was`: the stored value, `is`: the desired value
 */
export function movesAsked (stored: object, asked: object): Move[] {
  const all = differences(stored, asked)
  const changes = all.filter(({ type }) => type !== 'REMOVE')
  // If that is all, a default in an item of a list can be what Metacontroller removes.
  const moves = changes.length > 0 ? changes : all.filter(({ path }) => path.some(step => typeof step === 'number'))
  return moves.map(({ path, was, is }) => ({ path: pathOf(path), was, is }))
}

function differences (was: object, is: object) {
  return diff(was as JsonObject, is as JsonObject, { cyclesFix: false }).map(difference => ({
    type: difference.type,
    path: difference.path,
    was: difference.type === 'CREATE' ? undefined : difference.oldValue,
    is: difference.type === 'REMOVE' ? undefined : difference.value
  }))
}

function pathOf (steps: Array<string | number>): string {
  return steps.reduce<string>((path, step) => {
    if (typeof step === 'number') return `${path}[${step}]`
    if (!/^[\w-]+$/.test(step)) return `${path}[${JSON.stringify(step)}]`
    return path === '' ? step : `${path}.${step}`
  }, '')
}
