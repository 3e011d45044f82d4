/** What to undo at the end in every case: the last thing made is the first undone. */
export class Cleanup {
  readonly #tasks: Array<{ what: string, undo: () => Promise<unknown> | unknown }> = []

  /**
   * Registers something to undo. Call it before making the thing, so that an interruption loses nothing.
   *
   * @param what name of the thing, for a person who must remove it by hand
   * @param undo must also work if the thing was never made
   */
  add (what: string, undo: () => Promise<unknown> | unknown): void {
    this.#tasks.push({ what, undo })
  }

  /**
   * Undoes everything. A failure does not stop the rest.
   *
   * @returns a line for each thing that is left
   */
  async all (): Promise<string[]> {
    const left: string[] = []
    for (let task = this.#tasks.pop(); task !== undefined; task = this.#tasks.pop()) {
      try {
        await task.undo()
      } catch (error) {
        left.push(`${task.what}: ${(error as Error).message}`)
      }
    }
    return left
  }
}
