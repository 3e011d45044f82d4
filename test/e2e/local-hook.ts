import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import * as names from '../../src/samplesource/names.js'
import { Program } from '../program.js'
import { RecordingProxy } from '../recording/proxy.js'
import type { Recorder } from '../recording/recorder.js'
import { pointedOutside, secretsOf, speaksTls } from './composite-controller.js'
import { until, Unexpected, type Patience } from './expect.js'
import { countSyncs, type Hook } from './hook.js'
import { find, ofRun, type KubeObject } from './kube-object.js'
import type { Kubectl } from './kubectl.js'
import { mountedSecrets, runOutside, type SecretData } from './pod.js'

export interface LocalHookOptions {
  kubectl: Kubectl
  /** The URL at which Metacontroller reaches the hook; it listens on that port. */
  hookUrl: URL
  /** The namespace of the Secrets and ConfigMaps. */
  namespace: string
  /** The folder for files. */
  folder: string
  /** Marks the objects that are created. */
  id: string
  patience: Patience
  /** Records the requests and answers of the hook, without TLS only. */
  recorder?: Recorder | undefined
}

/** The hook as a process on this machine, for a cluster that runs no pods. */
export class LocalHook implements Hook {
  readonly #options: LocalHookOptions
  #process: Program | undefined
  #proxy: RecordingProxy | undefined
  #opsUrl = ''
  #isInstalled = false

  constructor (options: LocalHookOptions) {
    this.#options = options
  }

  async install (objects: KubeObject[], secrets: Record<string, SecretData> = {}): Promise<void> {
    const { kubectl, hookUrl, id, namespace, folder } = this.#options
    const deployment = find(objects, 'Deployment', names.packageName)
    const controller = find(objects, 'CompositeController')
    const named = new Set([...mountedSecrets(deployment), ...secretsOf(controller)])
    const needed = Object.entries(secrets).filter(([name]) => named.has(name)).map(([name, data]) => makeSecret(name, namespace, data))
    const configMaps = objects.filter(({ kind }) => kind === 'ConfigMap')
    if (needed.length + configMaps.length > 0) await kubectl.apply(...[...needed, ...configMaps].map(object => ofRun(object, id)))

    await this.stop()
    await this.#start(await runOutside(deployment, await mkdtemp(join(folder, 'pod-')), secrets), speaksTls(controller) ? undefined : this.#options.recorder)
    const pointed = ofRun(pointedOutside(controller, hookUrl), id)
    // Created, so that it fails if the object exists: that would belong to somebody else.
    if (this.#isInstalled) await kubectl.apply(pointed)
    else await kubectl.create(pointed)
    this.#isInstalled = true
  }

  async #start (env: Record<string, string>, recorder: Recorder | undefined): Promise<void> {
    const { hookUrl: { hostname, port }, patience } = this.#options
    // The hook listens on the loopback address only, if Metacontroller calls it there.
    const address = { host: ['127.0.0.1', 'localhost'].includes(hostname) ? '127.0.0.1' : '0.0.0.0', port: Number(port || '80') }
    const own = recorder === undefined ? address : { host: '127.0.0.1', port: 0 }
    const started = new Program('hook', {
      ...env,
      // The hook of the fixtures reads no ConfigMaps.
      ...(recorder !== undefined && { SYSTEM_NAMESPACE: '' }),
      PORT: String(own.port),
      OPS_PORT: '0',
      HOST: own.host,
      LOG_LEVEL: 'info'
    }, { t: undefined, detached: true })
    this.#process = started
    this.#opsUrl = ''
    // If it ends before it listens, its log says why.
    started.ready().then(({ ops }) => { this.#opsUrl = `http://127.0.0.1:${new URL(ops).port}` }, () => {})
    await until(patience, 'the hook to be ready', async () => await this.#ask('/readyz'), answer => answer !== undefined || started.hasEnded)
    if (!started.hasEnded) {
      if (recorder !== undefined) this.#proxy = await RecordingProxy.start((await started.ready()).hook, recorder, address)
      return
    }
    const { stderr } = await started.ended()
    throw new Unexpected('the hook on this machine to keep running', [...started.logs.map(({ msg }) => msg), stderr].join('\n').trimEnd())
  }

  /** A request to its ops port; undefined unless the answer is 200. */
  async #ask (path: string): Promise<string | undefined> {
    const response = await fetch(this.#opsUrl + path, { signal: this.#options.patience.signal }).catch(() => undefined)
    return response?.status === 200 ? await response.text() : undefined
  }

  /** Its metrics in the format of Prometheus. */
  async metrics (): Promise<string> {
    const metrics = await this.#ask('/metrics')
    if (metrics === undefined) throw new Unexpected(`metrics at ${this.#opsUrl}`, 'no answer')
    return metrics
  }

  async syncs (code?: number): Promise<number> {
    return countSyncs(await this.metrics(), code)
  }

  async lastLogs (): Promise<string> {
    return (this.#process?.logs ?? []).slice(-20).map(line => JSON.stringify(line)).join('\n')
  }

  async stop (): Promise<void> {
    await this.#proxy?.stop()
    this.#proxy = undefined
    this.#process?.kill('SIGTERM')
    await this.#process?.ended()
    this.#process = undefined
  }
}

function makeSecret (name: string, namespace: string, stringData: SecretData): KubeObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData }
}
