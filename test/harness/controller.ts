/** A part of the cluster that works through what has changed, one thing at a time. */
export interface Controller {
  /** Does the next thing, if there is one. */
  step: () => Promise<boolean> | boolean
}

/** What is to be looked at, each thing once however often it has changed, in the order in which it changed first. */
export class Queue {
  readonly #keys = new Set<string>()

  add (key: string): void {
    this.#keys.add(key)
  }

  /** Takes out the first; undefined when there is nothing to do. */
  take (): string | undefined {
    const [key] = this.#keys
    if (key !== undefined) this.#keys.delete(key)
    return key
  }

  get size (): number {
    return this.#keys.size
  }
}
