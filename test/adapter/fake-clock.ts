import type { Clock } from '../../src/adapter/clock.js'

/** A clock whose time passes only when something waits for it, and then at once. */
export class FakeClock implements Clock {
  constructor (public time = 0n) {}

  now = (): bigint => this.time

  wait = async (until: bigint): Promise<void> => {
    if (until > this.time) this.time = until
  }
}

/** A clock on which time passes when the test says so. */
export class StandingClock implements Clock {
  #time = 0n
  readonly #waiting = new Set<{ until: bigint, over: () => void }>()

  now = (): bigint => this.#time

  wait = async (until: bigint, signal: AbortSignal): Promise<void> => await new Promise(resolve => {
    const waiting = {
      until,
      over: () => {
        this.#waiting.delete(waiting)
        signal.removeEventListener('abort', waiting.over)
        resolve()
      }
    }
    this.#waiting.add(waiting)
    if (signal.aborted) return waiting.over()
    signal.addEventListener('abort', waiting.over, { once: true })
    this.advance(0n)
  })

  /** Lets so many nanoseconds pass. */
  advance (nanoseconds: bigint): void {
    this.#time += nanoseconds
    for (const { until, over } of this.#waiting) if (until <= this.#time) over()
  }
}

export const millisecond = 1_000_000n
export const second = 1_000_000_000n
