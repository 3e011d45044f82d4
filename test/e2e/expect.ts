import { setTimeout } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { stringify } from 'yaml'
import { CommandError } from './command.js'

/** Something is not as expected. */
export class Unexpected extends Error {
  readonly expected: string
  readonly seen: string

  constructor (expected: string, seen: unknown) {
    super(`expected ${expected}`)
    this.expected = expected
    this.seen = show(seen)
  }
}

/** @throws Unexpected unless both are deeply equal */
export function expectEqual (what: string, seen: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(seen, expected)) throw new Unexpected(`${what}: ${show(expected)}`, seen)
}

/** @throws Unexpected unless everything expected is there; objects may have more, lists may not */
export function expectContains (what: string, seen: unknown, expected: unknown): void {
  const path = differenceAt(seen, expected)
  if (path !== undefined) throw new Unexpected(`${what} with\n${show(expected)}\n(it differs at ${path || 'its root'})`, seen)
}

/** @throws Unexpected unless the text contains this */
export function expectText (what: string, seen: string | undefined, expected: string): void {
  if (seen?.includes(expected) !== true) throw new Unexpected(`${what}: a text with "${expected}"`, seen)
}

export interface Patience {
  /** Timeout in seconds. */
  timeoutSeconds: number
  signal: AbortSignal
}

/**
 * Looks again and again until the result is as expected.
 *
 * @param expected what is waited for, for the error message
 * @param look returns the result; if it throws Unexpected, that is the result
 * @param holds whether a result is as expected
 * @throws Unexpected on timeout, with the last result
 */
export async function until<Seen> ({ timeoutSeconds, signal }: Patience, expected: string, look: () => Promise<Seen>, holds: (seen: Seen) => boolean = () => true): Promise<Seen> {
  const deadline = performance.now() + timeoutSeconds * 1000
  for (;;) {
    signal.throwIfAborted()
    const seen = await look().catch((error: unknown) => {
      if (error instanceof Unexpected) return error
      throw error
    })
    if (!(seen instanceof Unexpected) && holds(seen)) return seen
    if (performance.now() > deadline) {
      const within = `within ${timeoutSeconds} s: ${expected}`
      throw seen instanceof Unexpected ? new Unexpected(`${within}: ${seen.expected}`, seen.seen) : new Unexpected(within, seen)
    }
    await setTimeout(250, undefined, { signal })
  }
}

/** Turns an error into what was expected and what was seen. */
export function toUnexpected (error: unknown): Unexpected {
  if (error instanceof Unexpected) return error
  if (error instanceof CommandError) return new Unexpected('a command that exits with 0', error.message)
  return new Unexpected('no error', error instanceof Error ? error.stack : error)
}

/** The path at which an object lacks something expected; undefined if it lacks nothing. */
function differenceAt (seen: unknown, expected: unknown): string | undefined {
  if (typeof expected !== 'object' || expected === null) return isDeepStrictEqual(seen, expected) ? undefined : ''
  if (typeof seen !== 'object' || seen === null || Array.isArray(seen) !== Array.isArray(expected)) return ''
  if (Array.isArray(expected) && expected.length !== (seen as unknown[]).length) return ''
  for (const [key, value] of Object.entries(expected)) {
    const path = differenceAt((seen as Record<string, unknown>)[key], value)
    if (path !== undefined) return `.${key}${path}`
  }
  return undefined
}

function show (value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? 'nothing' : stringify(value).trimEnd()
}
