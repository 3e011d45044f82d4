import type { Clock } from '../../src/adapter/clock.js'

/** A clock on which time passes only when somebody waits for it, and then at once. */
export class FakeClock implements Clock {
  constructor (public time = 0n) {}

  now = (): bigint => this.time

  wait = async (until: bigint): Promise<void> => {
    if (until > this.time) this.time = until
  }
}

export const millisecond = 1_000_000n
export const second = 1_000_000_000n
