import { CommandError } from '../command.js'
import { until, Unexpected } from '../expect.js'
import { ofRun } from '../kube-object.js'
import { readManifest, relocate } from '../manifests.js'
import type { Run, Step } from '../run.js'

/** How long to wait for a sign of the controllers, in seconds. */
const probeSeconds = 10

/** Creates the namespaces of the run, and finds out whether the controllers of Kubernetes run. */
export const namespaces: Step = {
  title: 'a namespace for this run',
  prove: async run => {
    await run.kubectl.create(ofRun({
      apiVersion: 'v1',
      kind: 'Namespace',
      // The receive adapters meet the strictest standard.
      metadata: { name: run.namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } }
    }, run.id))
    if (run.level === 'control-plane') await run.kubectl.create(...relocate(await readManifest('base/namespace.yaml'), run.hookNamespace).map(object => ofRun(object, run.id)))
    run.hasControllerManager = await hasServiceAccount(run)
    return `${run.namespace}${run.hasControllerManager ? '' : '; there is no controller manager: this script does its work'}`
  }
}

/** The controller manager creates a ServiceAccount in each new namespace. */
async function hasServiceAccount ({ kubectl, namespace, patience: { signal } }: Run): Promise<boolean> {
  try {
    await until({ timeoutSeconds: probeSeconds, signal }, 'a ServiceAccount', async () => await kubectl.get({ resource: 'serviceaccounts', name: 'default', namespace }), found => found !== undefined)
    return true
  } catch (error) {
    if (error instanceof Unexpected || error instanceof CommandError) return false
    throw error
  }
}
