import { setTimeout } from 'node:timers/promises'
import * as names from '../../src/samplesource/names.js'
import { runLabel, type KubeObject } from './kube-object.js'
import { Kubectl } from './kubectl.js'
import { compositeControllers, customResourceDefinitions, sampleSources } from './sources.js'

/** The cluster-scoped kinds in manifests/. */
const clusterRoles = 'clusterroles.rbac.authorization.k8s.io'

/** How long a deletion may take, in seconds. */
const deletionSeconds = 60

/**
 * Removes the objects that a run created in the cluster, by their label. Sources go first, while
 * there is a hook that can finalize them.
 *
 * @param kubectl one that is not ended by an interruption
 * @param id of the run; undefined for all runs
 * @param tell called with a line for each object that stays, and why
 */
export async function removeRun (kubectl: Kubectl, id: string | undefined, tell: (line: string) => void): Promise<void> {
  const selector = id === undefined ? runLabel : `${runLabel}=${id}`
  const marked = async (resource: string) => await kubectl.list(resource, '--selector', selector)
  const namespaces = (await marked('namespaces')).map(({ metadata: { name } }) => name)

  for (const namespace of namespaces) await removeSources(kubectl, namespace)
  for (const resource of [compositeControllers, clusterRoles]) await removeAll(kubectl, resource, await marked(resource))
  await removeDefinition(kubectl, await marked(customResourceDefinitions), namespaces, tell)
  await removeAll(kubectl, 'namespaces', await marked('namespaces'))
  await untilGone(async () => await marked('namespaces'), deletionSeconds)
  for (const namespace of await marked('namespaces')) await finalizeNamespace(kubectl, namespace)
}

async function removeSources (kubectl: Kubectl, namespace: string): Promise<void> {
  const left = async () => await kubectl.list(sampleSources, '--namespace', namespace)
  await removeAll(kubectl, sampleSources, await left(), namespace)
  await untilGone(left, deletionSeconds)
  // The hook that should remove the finalizers may be broken.
  for (const { metadata: { name } } of await left()) {
    await kubectl.run(['patch', sampleSources, name, '--namespace', namespace, '--type', 'merge', '--patch', '{"metadata":{"finalizers":null}}']).catch(() => {})
  }
}

async function removeAll (kubectl: Kubectl, resource: string, objects: KubeObject[], namespace?: string): Promise<void> {
  if (objects.length === 0) return
  await kubectl.run(['delete', resource, ...objects.map(({ metadata: { name } }) => name), ...(namespace === undefined ? [] : ['--namespace', namespace]), '--ignore-not-found', '--wait=false'])
}

/** Deleting the CRD deletes all SampleSources, so it stays if others created some meanwhile. */
async function removeDefinition (kubectl: Kubectl, definitions: KubeObject[], namespaces: string[], tell: (line: string) => void): Promise<void> {
  if (definitions.length === 0) return
  const others = (await kubectl.list(sampleSources, '--all-namespaces')).filter(({ metadata: { namespace = '' } }) => !namespaces.includes(namespace))
  if (others.length > 0) {
    tell(`the CustomResourceDefinition of ${names.kind} stays: somebody created ${others.map(({ metadata: { namespace, name } }) => `${namespace}/${name}`).join(', ')} meanwhile`)
    return
  }
  await removeAll(kubectl, customResourceDefinitions, definitions)
  await untilGone(async () => (await Promise.all(definitions.map(async ({ metadata: { name } }) => await kubectl.get({ resource: customResourceDefinitions, name })))).filter(found => found !== undefined), deletionSeconds)
}

/** Without a namespace controller, nothing empties this namespace: the script removes its objects by name. */
async function finalizeNamespace (kubectl: Kubectl, namespace: KubeObject): Promise<void> {
  const { metadata: { name }, status: { conditions = [] } = {} } = namespace
  if (conditions.length > 0) {
    const why = conditions.filter(({ status }: { status: string }) => status === 'True').map(({ message }: { message: string }) => message)
    throw new Error(`the namespace ${name} still exists after ${deletionSeconds} s: ${why.join('; ')}`)
  }
  const kinds = 'deployments.apps,services,secrets,configmaps,sinkbindings.sources.knative.dev'
  await kubectl.run(['delete', kinds, '--all', '--namespace', name, '--ignore-not-found', '--wait=false'])
  await kubectl.run(['replace', '--raw', `/api/v1/namespaces/${name}/finalize`, '--filename', '-'], JSON.stringify({ ...namespace, spec: { finalizers: [] } }))
}

async function untilGone (left: () => Promise<unknown[]>, seconds: number): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  while (performance.now() < deadline && (await left()).length > 0) await setTimeout(500)
}
