import * as names from '../../src/samplesource/names.js'
import { callScript, type Call } from './components/strangers.js'
import { countSyncs, type Hook } from './hook.js'
import { find, ofRun, type KubeObject } from './kube-object.js'
import type { Kubectl } from './kubectl.js'
import { installedNamespace } from './manifests.js'
import type { SecretData } from './pod.js'

const deployment = `deployment/${names.packageName}`

/** The path of Node in the image. It is the entrypoint; the image has no shell and no PATH. */
const node = '/nodejs/bin/node'

/** The port of the hook in its pod. */
const hookPort = 8080

const printMetrics = "fetch('http://127.0.0.1:9090/metrics').then(async response => console.log(await response.text()))"

export interface ClusterHookOptions {
  kubectl: Kubectl
  /** Marks the objects that are created. */
  id: string
  timeoutSeconds: number
}

/** The hook in the cluster, as manifests/ install it. */
export class ClusterHook implements Hook {
  readonly #options: ClusterHookOptions
  #isInstalled = false

  constructor (options: ClusterHookOptions) {
    this.#options = options
  }

  async install (objects: KubeObject[], secrets: Record<string, SecretData> = {}): Promise<void> {
    const { kubectl, id } = this.#options
    const made = Object.entries(secrets).map(([name, stringData]) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: installedNamespace }, stringData }))
    // Another step installs the CRD. The CompositeController comes last, once the hook is ready.
    const marked = [...made, ...objects].filter(({ kind }) => kind !== 'CustomResourceDefinition').map(object => ofRun(object, id))
    const controller = find(marked, 'CompositeController')
    const others = marked.filter(object => object !== controller)
    // Created, so that it fails if an object exists: that would belong to somebody else.
    if (this.#isInstalled) await kubectl.apply(...others)
    else await kubectl.create(...others)
    await this.waitForRollout()
    if (this.#isInstalled) await kubectl.apply(controller)
    else await kubectl.create(controller)
    this.#isInstalled = true
  }

  /** Waits until every pod belongs to the current revision of the Deployment and is ready. */
  async waitForRollout (): Promise<void> {
    const { kubectl, timeoutSeconds } = this.#options
    await kubectl.wait(['rollout', 'status', deployment, '--namespace', installedNamespace], timeoutSeconds)
  }

  /** Replaces every pod, as a new image would. */
  async restart (): Promise<void> {
    await this.#options.kubectl.run(['rollout', 'restart', deployment, '--namespace', installedNamespace])
  }

  async syncs (code?: number): Promise<number> {
    const counts = (await this.#evaluate(printMetrics)).map(metrics => countSyncs(metrics, code))
    return counts.reduce((sum, count) => sum + count, 0)
  }

  async callInside (call: Call): Promise<number | 'none'> {
    const [status = ''] = await this.#evaluate(callScript(hookPort, call))
    return status.trim() === 'none' ? 'none' : Number(status)
  }

  /**
   * Runs a script in every pod, because the NetworkPolicy blocks calls from outside. A pod that is being deleted counts as
   * gone: it runs for a while after a rollout, with the settings from before.
   *
   * @returns the output of each
   */
  async #evaluate (script: string): Promise<string[]> {
    const { kubectl } = this.#options
    const pods = await kubectl.list('pods', '--namespace', installedNamespace, '--selector', `app.kubernetes.io/name=${names.packageName}`, '--field-selector', 'status.phase=Running')
    const staying = pods.filter(({ metadata: { deletionTimestamp } }) => deletionTimestamp === undefined)
    return await Promise.all(staying.map(async ({ metadata: { name } }) => await kubectl.run(['exec', name, '--namespace', installedNamespace, '--container', 'hook', '--', node, '--eval', script])))
  }

  async lastLogs (): Promise<string> {
    return await this.#options.kubectl.run(['logs', deployment, '--namespace', installedNamespace, '--all-pods', '--prefix', '--tail', '20'])
  }
}
