/**
 * Lets so much of something be taken at a time, first come, first served: a weighted semaphore, as in
 * https://pkg.go.dev/golang.org/x/sync/semaphore. Who finds no room waits, but not for ever.
 */
export class Semaphore {
  readonly #size: number
  readonly #longestWait: number
  readonly #waiting = new Set<{ weight: number, enter: () => void }>()
  #taken = 0

  /**
   * @param size the most that is taken at a time
   * @param longestWait in milliseconds
   */
  constructor (size: number, longestWait: number) {
    this.#size = size
    this.#longestWait = longestWait
  }

  /**
   * Takes a weight, or all there is where that is less. Who takes nothing does not wait.
   *
   * @param done called once: at once where there is room and nobody waits, else with true when the turn has come, or with
   *   false when it has not come in time
   * @returns gives back what was taken, or stops waiting, and then `done` is not called; does nothing a second time
   */
  acquire (weight: number, done: (taken: boolean) => void): () => void {
    if (weight === 0) {
      done(true)
      return () => {}
    }
    let timeout: NodeJS.Timeout | undefined
    let taken = 0
    const waiter = {
      weight: Math.min(weight, this.#size),
      enter: () => {
        clearTimeout(timeout)
        taken = waiter.weight
        this.#taken += taken
        done(true)
      }
    }
    const release = () => {
      clearTimeout(timeout)
      this.#waiting.delete(waiter)
      this.#taken -= taken
      taken = 0
      this.#letIn()
    }
    this.#waiting.add(waiter)
    this.#letIn()
    if (this.#waiting.has(waiter)) {
      timeout = setTimeout(() => {
        release()
        done(false)
      }, this.#longestWait)
    }
    return release
  }

  /** Lets those in whose turn it is. */
  #letIn (): void {
    for (const waiter of this.#waiting) {
      if (this.#taken + waiter.weight > this.#size) return
      this.#waiting.delete(waiter)
      waiter.enter()
    }
  }
}
