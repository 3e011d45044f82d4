/** A part of a room that somebody has, or waits for. */
export interface Place {
  /** Gives back all but so much of what was taken. */
  shrinkTo: (weight: number) => void
  /** Gives back what was taken, or stops waiting. Does nothing a second time. */
  leave: () => void
}

interface Waiter {
  caller: string
  weight: number
  enter: () => void
}

/**
 * A weighted semaphore, as in https://pkg.go.dev/golang.org/x/sync/semaphore, which is fair to its callers. Those that
 * find no room wait, for a limited time. Next is the caller that has taken the least so far; of several calls the one
 * that takes the least, and then the one that came first. So no caller waits for all that another one sends, and no small
 * call waits for a large one.
 */
export class Room {
  readonly #size: number
  readonly #longestWait: number
  readonly #waiting = new Set<Waiter>()
  /** What each caller has taken. */
  readonly #takenBy = new Map<string, number>()
  #taken = 0

  /**
   * @param size the most that is taken at a time
   * @param longestWait in milliseconds
   */
  constructor (size: number, longestWait: number) {
    this.#size = size
    this.#longestWait = longestWait
  }

  /** Whether anybody waits. */
  get isWaitedFor (): boolean {
    return this.#waiting.size > 0
  }

  /**
   * Takes a weight, or the whole room where that is less.
   *
   * @param caller who takes it
   * @param done called once: with true when there is room, which can be at once, or with false when there was none in
   *   time; not at all for a caller that has left before
   */
  enter (caller: string, weight: number, done: (entered: boolean) => void): Place {
    let timeout: NodeJS.Timeout | undefined
    let held = 0
    const hold = (weight: number) => {
      this.#take(caller, weight - held)
      held = weight
    }
    const waiter: Waiter = {
      caller,
      weight: Math.min(weight, this.#size),
      enter: () => {
        clearTimeout(timeout)
        hold(waiter.weight)
        done(true)
      }
    }
    const place: Place = {
      shrinkTo: weight => {
        hold(Math.min(held, weight))
        this.#letIn()
      },
      leave: () => {
        clearTimeout(timeout)
        this.#waiting.delete(waiter)
        place.shrinkTo(0)
      }
    }
    this.#waiting.add(waiter)
    this.#letIn()
    if (this.#waiting.has(waiter)) {
      timeout = setTimeout(() => {
        place.leave()
        done(false)
      }, this.#longestWait)
    }
    return place
  }

  #take (caller: string, weight: number): void {
    this.#taken += weight
    const taken = this.#takenOf(caller) + weight
    if (taken === 0) this.#takenBy.delete(caller)
    else this.#takenBy.set(caller, taken)
  }

  #takenOf (caller: string): number {
    return this.#takenBy.get(caller) ?? 0
  }

  /** Lets those in whose turn it is. Where there is no room for the next one, nobody overtakes it. */
  #letIn (): void {
    for (let next = this.#next(); next !== undefined && this.#taken + next.weight <= this.#size; next = this.#next()) {
      this.#waiting.delete(next)
      next.enter()
    }
  }

  #next (): Waiter | undefined {
    let next: Waiter | undefined
    for (const waiter of this.#waiting) {
      if (next === undefined || this.#isBefore(waiter, next)) next = waiter
    }
    return next
  }

  #isBefore (one: Waiter, other: Waiter): boolean {
    const difference = this.#takenOf(one.caller) - this.#takenOf(other.caller)
    return difference !== 0 ? difference < 0 : one.weight < other.weight
  }
}
