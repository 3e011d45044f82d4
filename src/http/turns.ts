/**
 * Runs tasks one after the other, each in its own turn of the event loop. Other work runs between them: an ordinary call
 * waits for at most one large body, however many there are.
 */
export class Turns {
  readonly #tasks: Array<() => void> = []

  /** Runs a task, which must not throw, after the earlier ones. */
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
