import { setImmediate, setTimeout } from 'node:timers/promises'

/** A monotonic clock, in nanoseconds since some moment in the past. */
export interface Clock {
  now: () => bigint
  /** Waits until the clock has reached a time, or the signal is aborted. */
  wait: (until: bigint, signal: AbortSignal) => Promise<void>
}

const nanosecondsPerMillisecond = 1_000_000n

/** Longest delay of setTimeout; with a longer one, it does not wait at all. */
const longestTimeout = 2n ** 31n - 1n

/**
 * Makes a clock.
 *
 * @param now a monotonic time in nanoseconds
 * @param sleep waits for some milliseconds; it may return early
 */
export function makeClock (now = process.hrtime.bigint, sleep = sleepUnlessAborted): Clock {
  return {
    now,
    async wait (until, signal) {
      for (let left = until - now(); left > 0n && !signal.aborted; left = until - now()) {
        const milliseconds = left / nanosecondsPerMillisecond
        // A timer has a resolution of one millisecond; turns of the event loop wait out the rest.
        if (milliseconds === 0n) await setImmediate()
        else await sleep(Number(milliseconds < longestTimeout ? milliseconds : longestTimeout), signal)
      }
    }
  }
}

async function sleepUnlessAborted (milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal }).catch(() => {})
}
