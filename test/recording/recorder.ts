import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringAt } from '../../src/kubernetes/object.js'
import { caseNames, caseOf, isAtRest, type Exchange } from './cases.js'

/** Keeps one exchange of each case. */
export class Recorder {
  readonly #source: string
  readonly #kept = new Map<string, Exchange>()

  /** @param source the name of the sources whose exchanges are kept */
  constructor (source: string) {
    this.#source = source
  }

  /**
   * Looks at an exchange. Of each case the last is kept that the source stays in, or the first that it passes through.
   */
  take (exchange: Exchange): void {
    const name = caseOf(exchange)
    if (name === undefined || stringAt(exchange.request, 'parent', 'metadata', 'name') !== this.#source) return
    if (!this.has(name) || isAtRest(exchange)) this.#kept.set(name, exchange)
  }

  /** Tells whether a case has been seen. */
  has (name: string): boolean {
    return this.#kept.has(name)
  }

  /** The cases that have not been seen. */
  get missing (): string[] {
    return caseNames.filter(name => !this.has(name))
  }

  /**
   * Writes what has been seen to `<case>/request.json` and `<case>/response.json`. What is there of other cases stays.
   *
   * @param replaced a text that is written as another: the image that a run had, as the one that the fixtures have
   * @returns how many cases there are
   */
  async write (folder: string, replaced?: [text: string, by: string]): Promise<number> {
    for (const [name, exchange] of this.#kept) {
      await mkdir(join(folder, name), { recursive: true })
      for (const part of ['request', 'response'] as const) {
        const text = `${JSON.stringify(exchange[part], undefined, 2)}\n`
        await writeFile(join(folder, name, `${part}.json`), replaced === undefined ? text : text.replaceAll(...replaced))
      }
    }
    return this.#kept.size
  }
}
