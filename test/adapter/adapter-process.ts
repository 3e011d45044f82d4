import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import type { Test } from 'tap'
import { environment } from './environment.js'
import type { LogLine } from './log.js'
import { readLines } from '../log-lines.js'

/** The receive adapter as a process of its own, run from its source, with the environment that its Deployment gives it. */
export class AdapterProcess {
  readonly logs: LogLine[] = []
  readonly #child: ChildProcessWithoutNullStreams
  readonly #closed: Promise<unknown>
  #stderr = ''

  /**
   * @param t whose end is its end
   * @param cwd the folder that it is run from
   */
  constructor (t: Test, env: Record<string, string>, cwd = process.cwd()) {
    this.#child = spawn(process.execPath, ['--import=tsx', 'src/adapter/main.ts'], {
      cwd,
      env: { ...process.env, ...environment, METRICS_PORT: '0', NAMESPACE: 'demo', ...env }
    })
    const lines = readLines(this.#child.stdout, line => this.logs.push(JSON.parse(line) as LogLine))
    this.#closed = Promise.all([once(this.#child, 'close'), lines])
    this.#child.stderr.on('data', data => { this.#stderr += data })
    t.teardown(() => this.#child.kill('SIGKILL'))
  }

  /** The first line of the log with a message, once it is there. */
  async logged (msg: RegExp): Promise<LogLine> {
    for (;;) {
      const line = this.logs.find(line => msg.test(line.msg))
      if (line !== undefined) return line
      if (this.#child.exitCode !== null) throw new Error(`the adapter has ended: ${JSON.stringify(this.logs)} ${this.#stderr}`)
      await new Promise(resolve => setTimeout(resolve, 10))
    }
  }

  /** Sends a signal. */
  kill (signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** The exit code, once it has ended and all its output has been read. */
  async ended (): Promise<{ code: number | null, stderr: string }> {
    await this.#closed
    return { code: this.#child.exitCode, stderr: this.#stderr }
  }
}
