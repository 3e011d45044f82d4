import { spawn, type ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createInterface } from 'node:readline'
import { isDeepStrictEqual } from 'node:util'
import type { Container } from 'kubernetes-types/core/v1.js'
import type { KubeObject } from '../harness/api-server.js'
import { environmentOf } from '../harness/pod-environment.js'

/**
 * What becomes of a Deployment on a node: the container of its pod as a process on this machine, with the args and the
 * env that the Deployment gives it, and nothing else of this machine's env.
 */
export class Kubelet {
  readonly #print: (line: string) => void
  readonly #messages = new EventEmitter()
  #container: Container | undefined
  #process: ChildProcess | undefined

  /**
   * @param print gets each message of the container's log
   */
  constructor (print: (line: string) => void) {
    this.#print = print
  }

  /**
   * Starts the container of a Deployment, once it has ended the one that is running, if that is another one.
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

  /** Waits until the container has logged a message. */
  async logged (expected: RegExp): Promise<void> {
    let message = ''
    while (!expected.test(message)) [message] = await once(this.#messages, 'message') as [string]
  }

  async #start (container: Container, deployment: KubeObject): Promise<void> {
    const started = spawn(process.execPath, container.args ?? [], {
      // Pods have an address each; here, port 9090 may be taken.
      env: { METRICS_PORT: '0', ...environmentOf(container, deployment) },
      stdio: ['ignore', 'pipe', 'inherit']
    })
    this.#process = started
    await new Promise<void>((resolve, reject) => {
      started.once('exit', code => reject(new Error(`the container has ended with exit code ${code}`)))
      createInterface(started.stdout).on('line', line => {
        const { msg } = JSON.parse(line) as { msg: string }
        this.#print(msg)
        this.#messages.emit('message', msg)
        if (msg.startsWith('sending')) resolve()
      })
    })
  }

  async #stop (): Promise<void> {
    const stopped = this.#process
    this.#process = undefined
    if (stopped === undefined) return
    stopped.kill('SIGTERM')
    await once(stopped, 'close')
  }
}
