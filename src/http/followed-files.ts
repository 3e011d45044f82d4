import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { FastifyBaseLogger } from 'fastify'

/**
 * How often the files are read, in milliseconds. They are small, and reading them finds every kind of change: Kubernetes
 * updates a mounted Secret by replacing a symbolic link above it, which a file watch may miss.
 */
const interval = 1_000

/** The options of a value made from files. */
export interface FollowedFilesOptions<Value> {
  /** The environment variables that name the files, for the log. */
  name: string
  paths: string[]
  /** Makes the value from the files' contents. Throws an error that says what is wrong but does not quote them. */
  parse: (contents: string[]) => Value
  /** What to log about a value. */
  describe: (value: Value) => object
  logger: FastifyBaseLogger
}

/**
 * A value made from files that follows their changes. While the files are broken, it keeps its previous value and logs
 * that once.
 *
 * @throws Error if they are broken at the start
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

  /** Calls the listener with every new value. */
  onChange (listener: (value: Value) => void): void {
    this.#listeners.push(listener)
  }

  /** Stops following the files. */
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
      logger.info(describe(this.#value), `${name}: reloaded`)
    } catch (error) {
      const { message } = error as Error
      if (message === this.#unreadable) return
      this.#unreadable = message
      logger.error(`${name}: not reloaded, the previous one stays in use: ${message}`)
    }
  }
}
