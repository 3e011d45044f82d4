import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { environment } from './adapter/environment.js'
import { childrenOf } from './child-processes.js'
import { readLines, type LogLine } from './log-lines.js'
import { until } from './until.js'

/** How a program is run. */
export interface ProgramOptions {
  /** The test with which it ends; undefined outside of tests. */
  t: Test | undefined
  /** Bundled by default, which starts the fastest; or compiled file by file, for coverage. `npm test` builds both first. */
  from?: 'dist' | 'build'
  /** The repository that it belongs to. */
  cwd?: string
  /** Whether it has its own process group, which Ctrl-C at the terminal does not reach. */
  detached?: boolean
  /** Modules that Node loads before it. */
  preload?: string
  /** Whether it runs as process 1 of a container, if this machine permits it. */
  asFirst?: boolean
  /** Whether its log is read from the beginning (default), or only after a call of `read`. */
  isRead?: boolean
}

/** The option that ends a Node program with its parent process, by a pipe as its standard input. */
export const endsWithParent = `--import=${pathToFileURL(resolve('test/end-with-parent.mjs')).href}`

const files = {
  hook: { dist: 'dist/main.js', build: 'build/src/hook/main.js' },
  adapter: { dist: 'dist/adapter/main.js', build: 'build/src/adapter/main.js' }
}

/** An environment in which both programs can run at once, and for the adapter the env of its Deployment. */
const settings = {
  hook: { PORT: '0', OPS_PORT: '0', HOST: '127.0.0.1', SHUTDOWN_DELAY_MS: '0' },
  adapter: { ...environment, METRICS_PORT: '0', PORT: '0', NAMESPACE: 'demo', SSL_CERT_FILE: '' }
}

const container = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc']
const canBeFirst = spawnSync(container[0]!, [...container.slice(1), 'true']).status === 0

/** The hook or the adapter as a process. */
export class Program {
  readonly logs: LogLine[] = []
  /** The lines of its log that have been read so far. */
  logLength = 0
  stderr = ''
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #exit: Promise<unknown>
  readonly #closed: Promise<unknown>
  readonly #isFirst: boolean
  #lines: Promise<void> | undefined

  constructor (name: keyof typeof files, env: Record<string, string>, { t, from = 'dist', cwd = '.', detached = false, preload, asFirst = false, isRead = true }: ProgramOptions) {
    this.#isFirst = asFirst && canBeFirst
    const options = [endsWithParent, ...(preload === undefined ? [] : [`--import=${preload}`])]
    const [command, ...args] = [...(this.#isFirst ? container : []), process.execPath, ...options, files[name][from]]
    this.#child = spawn(command as string, args, {
      detached,
      cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...settings[name], ...env }
    })
    this.#exit = once(this.#child, 'exit')
    this.#closed = once(this.#child, 'close')
    this.#child.stderr.on('data', data => { this.stderr += data })
    t?.teardown(() => this.#child.kill('SIGKILL'))
    if (isRead) this.read()
  }

  /** Starts to read the log, or continues. */
  read (): void {
    this.#child.stdout.on('data', (data: string) => { this.logLength += data.length })
    this.#lines = readLines(this.#child.stdout, line => this.logs.push(JSON.parse(line) as LogLine))
  }

  /** Stops reading the log, except for what has already arrived. */
  pause (): void {
    this.#child.stdout.pause()
  }

  resume (): void {
    this.#child.stdout.resume()
  }

  /** Closes the log, as a reader that ends. */
  leave (): void {
    this.#child.stdout.destroy()
  }

  /** Waits for the first line of the log with a message. */
  async logged (msg: RegExp): Promise<LogLine> {
    const find = () => this.logs.find(line => msg.test(line.msg))
    await until(() => find() !== undefined || this.hasEnded)
    // Its last lines may still arrive.
    if (this.hasEnded) await this.#lines
    const line = find()
    if (line === undefined) throw new Error(`it ended: ${JSON.stringify(this.logs)} ${this.stderr}`)
    return line
  }

  /** The base URLs of the hook and of its ops port, once both listen. */
  async ready (): Promise<{ hook: string, ops: string }> {
    const [hook, ops] = await Promise.all([/^Hook listening/, /^Ops listening/].map(async msg => (await this.logged(msg)).msg.replace(/^.* at /, '')))
    return { hook: hook as string, ops: ops as string }
  }

  /** Its memory (resident set), in bytes. Linux only. */
  get memory (): number {
    return this.#memory('VmRSS')
  }

  /** Its peak memory so far. */
  get peakMemory (): number {
    return this.#memory('VmHWM')
  }

  #memory (key: string): number {
    const [, kilobytes] = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')) ?? []
    return Number(kilobytes) * 1024
  }

  /** Sends a signal. */
  kill (signal: NodeJS.Signals): void {
    if (!this.#isFirst) {
      this.#child.kill(signal)
      return
    }
    const [first] = childrenOf(this.#child.pid as number)
    if (first === undefined) throw new Error(`it has ended, so it gets no ${signal}`)
    process.kill(first, signal)
  }

  get hasEnded (): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** Waits until it ends and all its output is read. @returns its exit code or signal */
  async ended (): Promise<{ code: number | null, stderr: string }> {
    await Promise.all([this.#closed, this.#lines])
    return { code: this.#child.exitCode, stderr: this.stderr }
  }

  /** Waits until it ends, without reading its log. @returns exit code or signal; undefined if it runs for longer, in ms */
  async exited (longest: number): Promise<{ code: number | null, signal: NodeJS.Signals | null } | undefined> {
    const timeout = new AbortController()
    await Promise.race([this.#exit, sleep(longest, undefined, { signal: timeout.signal }).catch(() => {})])
    timeout.abort()
    return this.hasEnded ? { code: this.#child.exitCode, signal: this.#child.signalCode } : undefined
  }
}
