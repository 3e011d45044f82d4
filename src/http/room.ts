/** A share of a room that a caller holds or waits for. */
export interface Place {
  /** Gives back all but this weight. */
  shrinkTo: (weight: number) => void
  /** Gives back its weight, or stops waiting. Later calls do nothing. */
  leave: () => void
}

interface Waiter {
  caller: string
  weight: number
  enter: () => void
}

/**
 * A weighted semaphore, as in https://pkg.go.dev/golang.org/x/sync/semaphore, that is fair to its callers. Without room,
 * calls wait for a limited time. The next one is of the caller that has taken the least so far; among its calls the
 * smallest, then the oldest. So no caller waits for everything that another one sends, and no small call for a large one.
 */
export class Room {
  readonly #size: number
  readonly #longestWait: number
  readonly #waiting = new Set<Waiter>()
  /** The weight that each caller has taken. */
  readonly #takenBy = new Map<string, number>()
  #taken = 0

  /**
   * @param size its total weight
   * @param longestWait in milliseconds
   */
  constructor (size: number, longestWait: number) {
    this.#size = size
    this.#longestWait = longestWait
  }

  /** Whether any call is waiting. */
  get isWaitedFor (): boolean {
    return this.#waiting.size > 0
  }

  /**
   * Takes a weight, at most the whole room.
   *
   * @param caller who takes it
   * @param done called once: with true when there is room, possibly at once, or with false if there was none in time; not
   *   called if the caller leaves first
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

  /** Admits the next calls. If the first of them does not fit, none overtakes it. */
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
