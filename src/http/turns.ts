/**
 * Runs tasks one after the other, each in a turn of the event loop of its own. Whatever else there is to do gets its
 * chance between two of them: an ordinary call waits for one large body at most, however many there are.
 */
export class Turns {
  readonly #tasks: Array<() => void> = []

  /** Runs a task, which throws nothing, once those before it have run. */
  take (task: () => void): void {
    this.#tasks.push(task)
    if (this.#tasks.length === 1) setImmediate(() => this.#run())
  }

  #run (): void {
    const [task] = this.#tasks as [() => void]
    task()
    this.#tasks.shift()
    if (this.#tasks.length > 0) setImmediate(() => this.#run())
  }
}
