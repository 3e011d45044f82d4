import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { readLines } from './log-lines.js'

/** A line of the hook's log. */
export type LogLine = Record<string, unknown> & { level: number, msg: string }

/** The hook as a process of its own, run from its source. */
export class HookProcess {
  readonly logs: LogLine[] = []
  readonly #child: ChildProcessWithoutNullStreams
  readonly #closed: Promise<unknown>
  #stderr = ''

  /**
   * @param detached in a process group of its own, which Ctrl-C at the terminal does not reach
   * @param cwd the repository whose hook it is
   */
  constructor (env: Record<string, string>, { detached = false, cwd = '.' } = {}) {
    this.#child = spawn(process.execPath, ['--import=tsx', 'src/hook/main.ts'], {
      detached,
      cwd,
      env: { ...process.env, PORT: '0', OPS_PORT: '0', HOST: '127.0.0.1', SHUTDOWN_DELAY_MS: '0', ...env }
    })
    const lines = readLines(this.#child.stdout, line => this.logs.push(JSON.parse(line) as LogLine))
    this.#closed = Promise.all([once(this.#child, 'close'), lines])
    this.#child.stderr.on('data', data => { this.#stderr += data })
  }

  /** The base URLs of the hook and of its ops port, once both listen. */
  async ready (): Promise<{ hook: string, ops: string }> {
    for (;;) {
      const urls = this.logs.flatMap(({ msg }) => /^(?:Hook|Ops) listening at (.*)$/.exec(msg)?.[1] ?? [])
      if (urls.length === 2) return { hook: urls[0] as string, ops: urls[1] as string }
      if (this.#child.exitCode !== null) throw new Error(`the hook has ended: ${JSON.stringify(this.logs)} ${this.#stderr}`)
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }

  /** The memory that it has (resident set), in bytes. Linux only. */
  get memory (): number {
    return this.#memory('VmRSS')
  }

  /** The most memory that it has had so far. */
  get peakMemory (): number {
    return this.#memory('VmHWM')
  }

  #memory (key: string): number {
    const [, kilobytes] = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')) ?? []
    return Number(kilobytes) * 1024
  }

  /** Sends a signal. */
  kill (signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  get hasEnded (): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** The exit code, once it has ended and all its output has been read. */
  async ended (): Promise<{ code: number | null, stderr: string }> {
    await this.#closed
    return { code: this.#child.exitCode, stderr: this.#stderr }
  }
}
