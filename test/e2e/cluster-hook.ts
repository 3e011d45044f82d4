import * as names from '../../src/samplesource/names.js'
import { callScript, type Call } from './components/strangers.js'
import { countSyncs, type Hook } from './hook.js'
import { find, ofRun, type KubeObject } from './kube-object.js'
import type { Kubectl } from './kubectl.js'
import { installedNamespace } from './manifests.js'
import type { SecretData } from './pod.js'

const deployment = `deployment/${names.packageName}`

/** Where the image has Node: its entrypoint, for it has no shell and no PATH to look it up in. */
const node = '/nodejs/bin/node'

/** Where the hook listens in its pod. */
const hookPort = 8080

const printMetrics = "fetch('http://127.0.0.1:9090/metrics').then(async response => console.log(await response.text()))"

export interface ClusterHookOptions {
  kubectl: Kubectl
  /** Marks what is made. */
  id: string
  timeoutSeconds: number
}

/** The hook where users have it: in the cluster, as manifests/ install it. */
export class ClusterHook implements Hook {
  readonly #options: ClusterHookOptions
  #isInstalled = false

  constructor (options: ClusterHookOptions) {
    this.#options = options
  }

  async install (objects: KubeObject[], secrets: Record<string, SecretData> = {}): Promise<void> {
    const { kubectl, id } = this.#options
    const made = Object.entries(secrets).map(([name, stringData]) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: installedNamespace }, stringData }))
    // The CRD is a step of its own. The CompositeController comes last: the hook has to know what it asks for.
    const marked = [...made, ...objects].filter(({ kind }) => kind !== 'CustomResourceDefinition').map(object => ofRun(object, id))
    const controller = find(marked, 'CompositeController')
    const others = marked.filter(object => object !== controller)
    // Made, never taken over: what were there already would be somebody else's.
    if (this.#isInstalled) await kubectl.apply(...others)
    else await kubectl.create(...others)
    await this.waitForRollout()
    if (this.#isInstalled) await kubectl.apply(controller)
    else await kubectl.create(controller)
    this.#isInstalled = true
  }

  /** Waits until every pod is of the Deployment as it is now, and ready. */
  async waitForRollout (): Promise<void> {
    const { kubectl, timeoutSeconds } = this.#options
    await kubectl.wait(['rollout', 'status', deployment, '--namespace', installedNamespace], timeoutSeconds)
  }

  /** Replaces every pod, as a new image does. */
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

  /** Runs a script in every pod: from outside, the NetworkPolicy lets nobody through. @returns what each has printed */
  async #evaluate (script: string): Promise<string[]> {
    const { kubectl } = this.#options
    const pods = await kubectl.list('pods', '--namespace', installedNamespace, '--selector', `app.kubernetes.io/name=${names.packageName}`, '--field-selector', 'status.phase=Running')
    return await Promise.all(pods.map(async ({ metadata: { name } }) => await kubectl.run(['exec', name, '--namespace', installedNamespace, '--container', 'hook', '--', node, '--eval', script])))
  }

  async lastLogs (): Promise<string> {
    return await this.#options.kubectl.run(['logs', deployment, '--namespace', installedNamespace, '--all-pods', '--prefix', '--tail', '20'])
  }
}
