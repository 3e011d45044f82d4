/** What is to be undone, whatever comes: last made, first undone. */
export class Cleanup {
  readonly #tasks: Array<{ what: string, undo: () => Promise<unknown> | unknown }> = []

  /**
   * Remembers something. To be called before it is made: then nothing that is interrupted is forgotten.
   *
   * @param what for the one who has to do it by hand
   * @param undo has to bear that it was never made
   */
  add (what: string, undo: () => Promise<unknown> | unknown): void {
    this.#tasks.push({ what, undo })
  }

  /**
   * Undoes everything. What fails keeps nothing else from being undone.
   *
   * @returns what is left, a line each
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
