/** Something that is to happen at a time. */
interface Timer {
  due: number
  /** Whether it tries again what has failed, so that who waits for a result waits for it too. */
  retry: boolean
  run: () => void
}

/** The time in the cluster, which passes only when told to: nobody ever sleeps. */
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

  /** As Kubernetes writes times: RFC 3339, whole seconds, UTC. */
  timestamp (): string {
    if (this.#written.now !== this.#now) {
      this.#written = { now: this.#now, text: new Date(this.#now).toISOString().replace(/\.\d+Z$/, 'Z') }
    }
    return this.#written.text
  }

  /** Has something run when some seconds have passed. */
  after (seconds: number, run: () => void, retry = false): void {
    const timer = { due: this.#now + seconds * 1000, retry, run }
    const index = this.#timers.findLastIndex(other => other.due <= timer.due)
    this.#timers.splice(index + 1, 0, timer)
  }

  /** When the next timer, or the next that tries again, is due. */
  next (onlyRetries = false): number | undefined {
    return this.#timers.find(({ retry }) => retry || !onlyRetries)?.due
  }

  /** Lets time pass up to a moment, and runs what is due by then. */
  advanceTo (moment: number): void {
    while (this.#timers[0] !== undefined && this.#timers[0].due <= moment) {
      const timer = this.#timers.shift() as Timer
      this.#now = Math.max(this.#now, timer.due)
      timer.run()
    }
    this.#now = Math.max(this.#now, moment)
  }
}
