import { spawn, type ChildProcess } from 'node:child_process'
import { isDeepStrictEqual } from 'node:util'
import type { Container } from 'kubernetes-types/core/v1.js'
import type { KubeObject } from '../harness/api-server.js'
import { trigger } from '../adapter/trigger.js'
import { environmentOf } from '../harness/pod-environment.js'
import { readLines, type LogLine } from '../log-lines.js'
import { until } from '../until.js'
import { endsWithParent } from '../program.js'
import { inTime } from './in-time.js'

/**
 * Runs the container of a Deployment's pod as a process on this machine, with the args and the env of the Deployment.
 * The process gets nothing else of this machine's env.
 */
export class Kubelet {
  readonly #print: (line: string) => void
  readonly #onEnd: (error: Error) => void
  #container: Container | undefined
  #process: ChildProcess | undefined
  /** The log of the running container. */
  #lines: LogLine[] = []
  #log: Promise<void> | undefined

  /**
   * @param print called with each message of the container's log
   * @param onEnd called when a container ends by itself
   */
  constructor (print: (line: string) => void, onEnd: (error: Error) => void) {
    this.#print = print
    this.#onEnd = onEnd
  }

  /**
   * Starts the container of a Deployment. If another one is running, ends that first.
   *
   * @param deployment undefined when it is gone
   */
  async run (deployment: KubeObject | undefined): Promise<void> {
    const container: Container | undefined = deployment?.spec.template.spec.containers[0]
    if (isDeepStrictEqual(container, this.#container)) return
    await this.#stop()
    this.#container = container
    if (deployment !== undefined && container !== undefined) await this.#start(container, deployment)
  }

  /** Waits for the first line of the container's log with a message. */
  async logged (msg: RegExp): Promise<LogLine> {
    const find = () => this.#lines.find(line => msg.test(line.msg))
    await inTime(`the adapter to log ${String(msg)}`, until(() => find() !== undefined))
    return find() as LogLine
  }

  async #start (container: Container, deployment: KubeObject): Promise<void> {
    const started = spawn(process.execPath, [endsWithParent, ...container.args ?? []], {
      // Each pod has its own address. On this machine, port 9090 may be in use.
      env: { METRICS_PORT: '0', PORT: '0', ...environmentOf(container, deployment) },
      stdio: ['pipe', 'pipe', 'inherit']
    })
    this.#process = started
    this.#lines = []
    started.once('exit', (code, signal) => {
      if (this.#process === started) this.#onEnd(new Error(`the adapter ended with ${signal ?? `exit code ${code}`}`))
    })
    this.#log = readLines(started.stdout, text => {
      const line = JSON.parse(text) as LogLine
      this.#print(line.msg)
      this.#lines.push(line)
    })
    await this.logged(/^sending /)
    await trigger(this, 1_000)
  }

  async #stop (): Promise<void> {
    const stopped = this.#process
    this.#process = undefined
    if (stopped === undefined) return
    stopped.kill('SIGTERM')
    await this.#log
  }
}
