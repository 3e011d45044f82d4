import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { environment } from './adapter/environment.js'
import { fixtureEnvironment } from './fixtures.js'
import { readLines } from './log-lines.js'
import { until } from './until.js'
import type { LogLine } from './hook-process.js'

/** How one of the programs is run. */
export interface ProgramOptions {
  env?: Record<string, string>
  /** What Node loads before it. */
  preload?: string
  /** As process 1 of a container, where this machine permits it. */
  asFirst?: boolean
}

const container = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child', '--mount-proc']
const canBeFirst = spawnSync(container[0]!, [...container.slice(1), 'true']).status === 0

/** Settings with which both programs start. */
const settings = { ...environment, ...fixtureEnvironment(), PORT: '0', OPS_PORT: '0', METRICS_PORT: '0', HOST: '127.0.0.1', SHUTDOWN_DELAY_MS: '0' }

/** The hook or the adapter as a process of its own, whose log is read only when the test says so. */
export class Program {
  readonly logs: LogLine[] = []
  /** What it has written to its log, as far as it has been read. */
  logLength = 0
  stderr = ''
  readonly #child: ChildProcessByStdio<null, Readable, Readable>
  readonly #exit: Promise<[number | null, NodeJS.Signals | null]>
  readonly #first: boolean

  /**
   * @param t whose end is its end
   * @param script such as `src/hook/main.ts`
   */
  constructor (t: Test, script: string, { env = {}, preload, asFirst = false }: ProgramOptions = {}) {
    this.#first = asFirst && canBeFirst
    const imports = ['tsx', ...(preload === undefined ? [] : [preload])].map(module => `--import=${module}`)
    const [command, ...args] = [...(this.#first ? container : []), process.execPath, ...imports, script]
    this.#child = spawn(command as string, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...settings, ...env } })
    this.#exit = once(this.#child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
    this.#child.stderr.on('data', data => { this.stderr += data })
    t.teardown(() => this.#child.kill('SIGKILL'))
  }

  /** Reads the log, from where it has been read to. */
  read (): this {
    this.#child.stdout.on('data', (data: string) => { this.logLength += data.length })
    readLines(this.#child.stdout, line => this.logs.push(JSON.parse(line) as LogLine)).catch(() => {})
    return this
  }

  /** Reads no further; what has come by now is taken still. */
  pause (): void {
    this.#child.stdout.pause()
  }

  resume (): void {
    this.#child.stdout.resume()
  }

  /** Goes, as a reader of the log. */
  leave (): void {
    this.#child.stdout.destroy()
  }

  /** The first line of the log with a message, once it is there. */
  async logged (msg: RegExp): Promise<LogLine> {
    const find = () => this.logs.find(line => msg.test(line.msg))
    await until(() => find() !== undefined || this.#child.exitCode !== null)
    const line = find()
    if (line === undefined) throw new Error(`it has ended: ${JSON.stringify(this.logs)} ${this.stderr}`)
    return line
  }

  /** Where the hook's server listens. */
  async url (name: 'Hook' | 'Ops'): Promise<string> {
    return (await this.logged(new RegExp(`^${name} listening`))).msg.replace(/^.* at /, '')
  }

  kill (signal: NodeJS.Signals): void {
    const pid = this.#child.pid as number
    process.kill(this.#first ? Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')) : pid, signal)
  }

  /** How it ends: with an exit code, or by a signal; undefined where it goes on for so long, in milliseconds. */
  async ended (longest: number): Promise<{ code: number | null, signal: NodeJS.Signals | null } | undefined> {
    const timeout = new AbortController()
    const exit = await Promise.race([this.#exit, sleep(longest, undefined, { signal: timeout.signal })])
    timeout.abort()
    return exit && { code: exit[0], signal: exit[1] }
  }
}
