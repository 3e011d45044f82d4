import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringAt } from '../../src/kubernetes/object.js'
import { caseNames, caseOf, isAtRest, type Exchange } from './cases.js'

/** Records one exchange of each case. */
export class Recorder {
  readonly #source: string
  readonly #kept = new Map<string, Exchange>()

  /** @param source the name of the sources to record */
  constructor (source: string) {
    this.#source = source
  }

  /**
   * Records an exchange. For each case, keeps the last one in which the source stays, or else the first one.
   */
  take (exchange: Exchange): void {
    const name = caseOf(exchange)
    if (name === undefined || stringAt(exchange.request, 'parent', 'metadata', 'name') !== this.#source) return
    if (!this.has(name) || isAtRest(exchange)) this.#kept.set(name, exchange)
  }

  /** Whether a case has been seen. */
  has (name: string): boolean {
    return this.#kept.has(name)
  }

  /** The cases that have not been seen. */
  get missing (): string[] {
    return caseNames.filter(name => !this.has(name))
  }

  /**
   * Writes the exchanges to `<case>/request.json` and `<case>/response.json`. Files of other cases stay.
   *
   * @param replaced a text and its replacement: the image of the run and the image of the fixtures
   * @returns the number of cases
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
