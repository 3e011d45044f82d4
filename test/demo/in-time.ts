import { setTimeout } from 'node:timers/promises'

/** Longer than anything here takes, on whatever machine, in seconds. */
const longest = 120

/**
 * Waits for something, and not for ever.
 *
 * @param what is waited for, for the one who waits in vain
 * @throws Error when the time is over
 */
export async function inTime<Value> (what: string, wait: Promise<Value>): Promise<Value> {
  const over = new AbortController()
  try {
    return await Promise.race([wait, setTimeout(1000 * longest, undefined, { signal: over.signal }).then(() => { throw new Error(`waited ${longest} s in vain for ${what}`) })])
  } finally {
    over.abort()
  }
}
