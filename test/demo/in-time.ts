import { setTimeout } from 'node:timers/promises'

/** Longer than anything here takes on any machine, in seconds. */
const longest = 120

/**
 * Waits for something, but not forever.
 *
 * @param what is waited for, for the error message
 * @throws Error on timeout
 */
export async function inTime<Value> (what: string, wait: Promise<Value>): Promise<Value> {
  const over = new AbortController()
  try {
    return await Promise.race([wait, setTimeout(1000 * longest, undefined, { signal: over.signal }).then(() => { throw new Error(`timed out after ${longest} s waiting for ${what}`) })])
  } finally {
    over.abort()
  }
}
