import { isDeepStrictEqual } from 'node:util'
import * as names from '../../src/samplesource/names.js'
import { CommandError, execute } from './command.js'
import { find, runLabel, type KubeObject } from './kube-object.js'
import { Kubectl } from './kubectl.js'
import { installedNamespace, readManifest } from './manifests.js'
import { findMetacontroller, type Metacontroller } from './metacontroller.js'
import type { Level, Options } from './options.js'
import { compositeControllers, customResourceDefinitions, sinkBindings } from './sources.js'

/** What the preflight found in the cluster. */
export interface Facts {
  /** Version of the API server: `v1.34.1`. */
  kubernetes: string
  /** The kube context; undefined if kubectl has none. */
  context: string | undefined
  readyNodes: number
  /** Name of the cluster, if it is a kind cluster. */
  kindCluster: string | undefined
  /** The Metacontroller with pods in the cluster; one can also run elsewhere. */
  metacontroller: Metacontroller | undefined
  /** Whether Knative's SinkBinding controller runs. */
  hasSinkBindingController: boolean
  /** Whether the CRD was there before, and is the same as in the manifests. */
  hasSameCrd: boolean
}

/** Either everything that is needed, or what is missing: a line each, with how to get it. */
export type Preflight =
  | { facts: Facts, level: Level, missing?: never }
  | { missing: string[], facts?: never, level?: never }

/** Since this version, CEL rules in CRDs need no feature gate. */
const oldestMinor = 29

const installMetacontroller = 'kubectl apply -k "https://github.com/metacontroller/metacontroller/manifests/production?ref=v4.17.2"'
const eventing = 'https://github.com/knative/eventing/releases/download/knative-v1.21.0'

/**
 * Inspects the cluster and changes nothing.
 *
 * @param options of the command line
 * @param signal aborts the preflight
 */
export async function preflight (options: Options, signal: AbortSignal): Promise<Preflight> {
  const context = await currentContext(signal)
  if (context instanceof Error) return { missing: ['kubectl is not on the PATH: install it, see https://kubernetes.io/docs/tasks/tools/'] }
  const kubectl = new Kubectl(context, signal)
  const kubernetes = await serverVersion(kubectl)
  if (kubernetes instanceof Error) {
    return { missing: [`no API server answers in the kube context ${context ?? '(none)'}: start one, for instance with \`kind create cluster\`, or choose another with \`kubectl config use-context\` (${firstLine(kubernetes.message)})`] }
  }
  const minor = Number(/^v1\.(\d+)/.exec(kubernetes)?.[1])
  if (minor < oldestMinor) return { missing: [`Kubernetes ${kubernetes} is too old: 1.${oldestMinor} or newer is needed, for instance with \`kind create cluster\``] }

  const nodes = (await kubectl.list('nodes')).filter(isReady)
  const crds = new Map((await kubectl.list(customResourceDefinitions)).map(crd => [crd.metadata.name, crd]))
  const ours = find(await readManifest('base/crd.yaml'), 'CustomResourceDefinition')
  const crd = crds.get(ours.metadata.name)
  const facts: Facts = {
    kubernetes,
    context,
    readyNodes: nodes.length,
    kindCluster: kindClusterOf(nodes),
    metacontroller: findMetacontroller(await kubectl.list('statefulsets.apps,deployments.apps', '--all-namespaces')),
    hasSinkBindingController: (await kubectl.get({ resource: 'deployments.apps', name: 'eventing-webhook', namespace: 'knative-eventing' }))?.status?.availableReplicas > 0,
    hasSameCrd: crd !== undefined && isDeepStrictEqual(crd.spec, (await kubectl.tryApply([ours])).stored[0]?.spec)
  }
  const level = options.level ?? (options.hookUrl === undefined && facts.readyNodes > 0 && facts.hasSinkBindingController ? 'full' : 'control-plane')
  const missing = [
    ...await missingRights(kubectl, level),
    ...missingMetacontroller(facts, crds.get(compositeControllers), options),
    ...missingKnative(facts, crds.get(sinkBindings), level),
    ...missingHook(facts, level, options),
    ...await missingImage(facts, options, signal),
    ...await inTheWay(kubectl, level, crd, facts)
  ]
  return missing.length > 0 ? { missing } : { facts, level }
}

/** The current kube context, if any. The run keeps to it, even if the user changes it meanwhile. */
async function currentContext (signal: AbortSignal): Promise<string | undefined | CommandError> {
  try {
    return (await execute('kubectl', ['config', 'current-context'], { signal })).stdout.trim()
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    // In a pod, kubectl finds the API server without a kubeconfig.
    return error.code === 'ENOENT' ? error : undefined
  }
}

async function serverVersion (kubectl: Kubectl): Promise<string | CommandError> {
  try {
    const { serverVersion } = JSON.parse(await kubectl.run(['version', '--output', 'json', '--request-timeout', '10s'])) as { serverVersion: { gitVersion: string } }
    return serverVersion.gitVersion
  } catch (error) {
    if (error instanceof CommandError) return error
    throw error
  }
}

function isReady (node: KubeObject): boolean {
  return node.status?.conditions?.some(({ type, status }: { type: string, status: string }) => type === 'Ready' && status === 'True') === true
}

/** kind writes the name of the cluster into each node: `kind://docker/<cluster>/<node>`. */
function kindClusterOf (nodes: KubeObject[]): string | undefined {
  return nodes.flatMap(({ spec }) => /^kind:\/\/[^/]+\/([^/]+)\//.exec(spec?.providerID ?? '')?.[1] ?? [])[0]
}

async function missingRights (kubectl: Kubectl, level: Level): Promise<string[]> {
  const resources = ['namespaces', customResourceDefinitions, compositeControllers, ...(level === 'full' ? ['clusterroles.rbac.authorization.k8s.io'] : [])]
  const missing: string[] = []
  for (const resource of resources) {
    // It answers `no` with exit code 1. It warns if the kind is unknown, which is reported elsewhere.
    const may = await kubectl.run(['auth', 'can-i', 'create', resource]).catch((error: unknown) => {
      if (error instanceof CommandError) return error.stdout
      throw error
    })
    if (may.trim() !== 'yes') missing.push(`you may not create ${resource}: use a kube context of a cluster administrator`)
  }
  return missing
}

function missingMetacontroller ({ metacontroller, readyNodes }: Facts, crd: KubeObject | undefined, { hookUrl }: Options): string[] {
  if (crd === undefined) return [`Metacontroller is not installed: ${installMetacontroller}`]
  const { properties } = crd.spec.versions.find(({ name }: { name: string }) => name === 'v1alpha1')?.schema.openAPIV3Schema.properties.spec ?? {}
  if (properties?.endpointConfigs === undefined) return [`Metacontroller is older than 4.16 (its CompositeController has no endpointConfigs): ${installMetacontroller}`]
  if (metacontroller === undefined && readyNodes > 0 && hookUrl === undefined) return [`Metacontroller has no pods, only its CustomResourceDefinitions: ${installMetacontroller}`]
  if (metacontroller !== undefined && !metacontroller.isReady && readyNodes > 0) return [`Metacontroller has no pod that is ready: kubectl -n ${metacontroller.namespace} describe pods`]
  return []
}

function missingKnative ({ hasSinkBindingController }: Facts, crd: KubeObject | undefined, level: Level): string[] {
  const isServed = crd?.spec.versions.some(({ name, served }: { name: string, served: boolean }) => name === 'v1' && served) === true
  if (level === 'control-plane') return isServed ? [] : [`Knative's SinkBinding (sources.knative.dev/v1) is not installed: kubectl apply -f ${eventing}/eventing-crds.yaml`]
  return isServed && hasSinkBindingController ? [] : [`Knative Eventing is not running: kubectl apply -f ${eventing}/eventing-crds.yaml && kubectl apply -f ${eventing}/eventing-core.yaml`]
}

function missingHook ({ readyNodes }: Facts, level: Level, { hookUrl }: Options): string[] {
  if (level === 'full') return readyNodes > 0 ? [] : ['no node is ready: the level full needs nodes, for instance with `kind create cluster`']
  if (hookUrl !== undefined) return []
  const why = readyNodes > 0 ? 'without Knative Eventing only the level control-plane can run, with the hook on this machine' : 'no node is ready, so the hook must run on this machine'
  return [`HOOK_URL is not set (${why}): set it to an address at which Metacontroller reaches this machine, such as HOOK_URL=http://192.168.1.2:8471`]
}

/** Finds what is missing to get the image onto the nodes. */
async function missingImage ({ readyNodes, kindCluster }: Facts, { image }: Options, signal: AbortSignal): Promise<string[]> {
  if (readyNodes === 0 || image !== undefined) return []
  if (kindCluster === undefined) return ['this is not a kind cluster, so the image cannot be loaded: build it, push it, and name it with --image']
  const missing: string[] = []
  if (!await isThere('docker', signal)) missing.push('docker is needed to build the image: install it, see https://docs.docker.com/engine/install/, or name an image with --image')
  if (!await isThere('kind', signal)) missing.push('kind is needed to load the image: install it, see https://kind.sigs.k8s.io/docs/user/quick-start/, or name an image with --image')
  return missing
}

async function isThere (command: 'docker' | 'kind', signal: AbortSignal): Promise<boolean> {
  try {
    // `docker info` also needs the engine, which can be missing.
    await execute(command, [command === 'docker' ? 'info' : 'version'], { signal, timeoutSeconds: 30 })
    return true
  } catch (error) {
    if (error instanceof CommandError) return false
    throw error
  }
}

/** Finds existing objects that belong to somebody else and that the run would replace. */
async function inTheWay (kubectl: Kubectl, level: Level, crd: KubeObject | undefined, { hasSameCrd }: Facts): Promise<string[]> {
  const controllers = (await kubectl.list(compositeControllers))
    .filter(({ spec }) => spec.parentResource.resource === names.plural && spec.parentResource.apiVersion.startsWith(`${names.group}/`))
  const namespace = level === 'full' ? await kubectl.get({ resource: 'namespaces', name: installedNamespace }) : undefined
  const found = [...controllers, ...(crd === undefined ? [] : [crd]), ...(namespace === undefined ? [] : [namespace])]
  if (found.some(({ metadata: { labels } }) => labels?.[runLabel] !== undefined)) {
    return ['another run is in progress, or one was killed before it cleaned up: wait for its end, or remove what it left with npm run e2e -- --clean']
  }
  return [
    ...controllers.map(({ metadata: { name } }) => `the CompositeController ${name} already manages ${names.kind}s here: use another cluster, or uninstall it first: kubectl delete -k manifests`),
    ...(crd !== undefined && !hasSameCrd ? [`the CustomResourceDefinition of ${names.kind} differs from the one in manifests/: use another cluster, or update it first: kubectl apply -f manifests/base/crd.yaml`] : []),
    ...(namespace !== undefined ? [`the namespace ${installedNamespace} already exists: use another cluster, or uninstall what is in it: kubectl delete -k manifests`] : [])
  ]
}

function firstLine (text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}

/** The findings as lines for a person. */
export function describeFacts ({ kubernetes, context, readyNodes, kindCluster, metacontroller, hasSinkBindingController, hasSameCrd }: Facts): string[] {
  return [
    `Kubernetes      ${kubernetes}, context ${context ?? '(none)'}, ${readyNodes === 0 ? 'no node is ready' : `ready nodes: ${readyNodes}`}${kindCluster === undefined ? '' : ` (kind cluster ${kindCluster})`}`,
    `Metacontroller  ${metacontroller === undefined ? 'not in this cluster; the first child shows its apply strategy' : `${metacontroller.version}, ${metacontroller.applyStrategy}, in the namespace ${metacontroller.namespace}`}`,
    `Knative         SinkBinding v1, ${hasSinkBindingController ? 'with its controller' : 'without its controller: this script does its work'}`,
    ...(hasSameCrd ? [`${names.kind}    its CustomResourceDefinition already exists, is the same, and stays`] : [])
  ]
}
