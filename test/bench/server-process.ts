import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** A measured server: a process, with its statistics from Linux. */
export class ServerProcess {
  readonly started = performance.now()
  /** The URLs at which it listens, in the order of its log. */
  readonly urls: string[] = []
  readonly #child: ChildProcess

  private constructor (script: string, env: Record<string, string>) {
    this.#child = spawn(process.execPath, [script], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] })
  }

  /** Starts a server and waits until it has logged that many URLs. After that, its log is read and dropped. */
  static async start (script: string, env: Record<string, string>, listeners: number): Promise<ServerProcess> {
    const server = new ServerProcess(script, env)
    const stdout = server.#child.stdout!
    await new Promise<void>((resolve, reject) => {
      server.#child.once('exit', code => reject(new Error(`${script} ended with ${code}`)))
      createInterface(stdout).on('line', line => {
        const url = /(?:Hook|Ops) listening at (http:[^"]*)/.exec(line)?.[1]
        if (url !== undefined && server.urls.push(url) === listeners) resolve()
      })
    })
    stdout.removeAllListeners('data').resume()
    return server
  }

  /** CPU time so far, in milliseconds. Linux counts it in hundredths of a second. */
  get cpu (): number {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10
  }

  /** Memory now (resident set), in bytes. */
  get memory (): number {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')) ?? []
    return Number(kilobytes) * 1024
  }

  async stop (): Promise<void> {
    this.#child.removeAllListeners('exit')
    this.#child.kill('SIGTERM')
    await once(this.#child, 'exit')
  }
}
