import diff from 'microdiff'
import type { JsonObject } from '../../src/kubernetes/object.js'

/** A field that is other than before. */
export interface Move {
  /** As in `spec.template.spec.containers[0].image`; a key with other characters than letters, digits, `-` and `_` is quoted. */
  path: string
  /** Undefined where there was nothing, or where there is nothing now. */
  was: unknown
  is: unknown
}

/** The fields in which two JSON values differ. */
export function movesBetween (was: object, is: object): Move[] {
  return differences(was, is).map(({ path, was, is }) => ({ path: pathOf(path), was, is }))
}

/**
 * The fields in which what is stored is not what was asked for. What is stored besides is somebody else's, or a default.
 *
 * @returns `was`: as it is stored, `is`: as it was asked for
 */
export function movesAsked (stored: object, asked: object): Move[] {
  return differences(stored, asked).filter(({ type }) => type !== 'REMOVE').map(({ path, was, is }) => ({ path: pathOf(path), was, is }))
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
