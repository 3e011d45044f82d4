/** Something scheduled for a time. */
interface Timer {
  due: number
  /** Whether it is a retry after a failure. Settling waits for those too. */
  retry: boolean
  run: () => void
}

/** Simulated time, which passes only on demand: nothing ever sleeps. */
export class Clock {
  #now: number
  #timers: Timer[] = []
  #written = { now: NaN, text: '' }

  constructor (start: Date = new Date('2026-01-01T00:00:00Z')) {
    this.#now = start.getTime()
  }

  /** Milliseconds since 1970. */
  get now (): number {
    return this.#now
  }

  /** The time in the format of Kubernetes: RFC 3339, whole seconds, UTC. */
  timestamp (): string {
    if (this.#written.now !== this.#now) {
      this.#written = { now: this.#now, text: new Date(this.#now).toISOString().replace(/\.\d+Z$/, 'Z') }
    }
    return this.#written.text
  }

  /** Runs something after some seconds. */
  after (seconds: number, run: () => void, retry = false): void {
    const timer = { due: this.#now + seconds * 1000, retry, run }
    const index = this.#timers.findLastIndex(other => other.due <= timer.due)
    this.#timers.splice(index + 1, 0, timer)
  }

  /** When the next timer, or the next retry, is due. */
  next (onlyRetries = false): number | undefined {
    return this.#timers.find(({ retry }) => retry || !onlyRetries)?.due
  }

  /** Lets time pass up to a moment, and runs all timers that are due by then. */
  advanceTo (moment: number): void {
    while (this.#timers[0] !== undefined && this.#timers[0].due <= moment) {
      const timer = this.#timers.shift() as Timer
      this.#now = Math.max(this.#now, timer.due)
      timer.run()
    }
    this.#now = Math.max(this.#now, moment)
  }
}
