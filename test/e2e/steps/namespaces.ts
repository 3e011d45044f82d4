import { CommandError } from '../command.js'
import { until, Unexpected } from '../expect.js'
import { ofRun } from '../kube-object.js'
import { readManifest, relocate } from '../manifests.js'
import type { Run, Step } from '../run.js'

/** How long the controllers get to show that they are there, in seconds. */
const probeSeconds = 10

/** Makes the namespaces of the run, and finds out whether the controllers of Kubernetes itself are there. */
export const namespaces: Step = {
  title: 'a namespace of its own',
  prove: async run => {
    await run.kubectl.create(ofRun({
      apiVersion: 'v1',
      kind: 'Namespace',
      // The receive adapters need nothing that the strictest standard forbids.
      metadata: { name: run.namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } }
    }, run.id))
    if (run.level === 'control-plane') await run.kubectl.create(...relocate(await readManifest('base/namespace.yaml'), run.hookNamespace).map(object => ofRun(object, run.id)))
    run.hasControllerManager = await hasServiceAccount(run)
    return `${run.namespace}${run.hasControllerManager ? '' : '; no controller manager is here: what it does is done here'}`
  }
}

/** The controller manager makes a ServiceAccount in each new namespace. */
async function hasServiceAccount ({ kubectl, namespace, patience: { signal } }: Run): Promise<boolean> {
  try {
    await until({ timeoutSeconds: probeSeconds, signal }, 'a ServiceAccount', async () => await kubectl.get({ resource: 'serviceaccounts', name: 'default', namespace }), found => found !== undefined)
    return true
  } catch (error) {
    if (error instanceof Unexpected || error instanceof CommandError) return false
    throw error
  }
}
