import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { FastifyBaseLogger } from 'fastify'

/**
 * How often the files are read again, in milliseconds. They are small, and reading them finds every kind of change:
 * Kubernetes replaces a mounted Secret by turning a symbolic link above it, of which watching the file may hear nothing.
 */
const interval = 1_000

/** What is made of files. */
export interface FollowedFilesOptions<Value> {
  /** The environment variables that name them, for the log. */
  name: string
  paths: string[]
  /** Makes the value of their contents, or throws an error that says what is wrong and does not quote them. */
  parse: (contents: string[]) => Value
  /** What the log may tell of a value. */
  describe: (value: Value) => object
  logger: FastifyBaseLogger
}

/**
 * A value that is made of files and follows them: once they have changed, it is the new one. While they are broken it
 * stays as it was, and the log says so once.
 *
 * @throws Error where they are broken from the start
 */
export class FollowedFiles<Value> {
  readonly #options: FollowedFilesOptions<Value>
  readonly #listeners: Array<(value: Value) => void> = []
  readonly #timer: NodeJS.Timeout
  #contents: string[]
  #unreadable: string | undefined
  #value: Value

  constructor (options: FollowedFilesOptions<Value>) {
    this.#options = options
    try {
      this.#contents = this.#read()
      this.#value = options.parse(this.#contents)
    } catch (error) {
      throw new Error(`${options.name}: ${(error as Error).message}`)
    }
    this.#timer = setInterval(() => this.#refresh(), interval).unref()
  }

  get value (): Value {
    return this.#value
  }

  /** Calls back with every new value. */
  onChange (listener: (value: Value) => void): void {
    this.#listeners.push(listener)
  }

  /** Follows the files no longer. */
  close (): void {
    clearInterval(this.#timer)
  }

  #read (): string[] {
    return this.#options.paths.map(path => readFileSync(path, 'utf8'))
  }

  #refresh (): void {
    const { name, parse, describe, logger } = this.#options
    try {
      const contents = this.#read()
      this.#unreadable = undefined
      if (isDeepStrictEqual(contents, this.#contents)) return
      this.#contents = contents
      this.#value = parse(contents)
      for (const listener of this.#listeners) listener(this.#value)
      logger.info(describe(this.#value), `${name}: taken up`)
    } catch (error) {
      const { message } = error as Error
      if (message === this.#unreadable) return
      this.#unreadable = message
      logger.error(`${name}: not taken up, the one before stays: ${message}`)
    }
  }
}
