import { isDeepStrictEqual } from 'node:util'
import { lookForChildren } from './children.js'
import { CommandError } from './command.js'
import { condition, type KubeObject } from './kube-object.js'
import type { Run } from './run.js'
import { sinkBindings } from './sources.js'

/* Does the work of controllers that the cluster lacks, for the children of a source. */

/** Does what the absent controllers would do for a source now. Call it again after each change. */
export async function actForAbsentControllers (run: Run, source: KubeObject): Promise<void> {
  const { deployment, sinkBinding } = await lookForChildren(run, source)
  if (!run.facts.hasSinkBindingController && sinkBinding !== undefined) await bind(run, sinkBinding, deployment)
  if (deployment === undefined) return
  if (!run.hasControllerManager) await rollOut(run, deployment)
  else if (run.facts.readyNodes === 0) await runPods(run, deployment)
}

/**
 * Knative's SinkBinding controller: resolves the sink, puts its address into the Deployment, and writes the status. While
 * it fails, it does not write `observedGeneration`.
 * https://github.com/knative/pkg/blob/main/webhook/psbinding/reconciler.go
 */
async function bind ({ kubectl }: Run, sinkBinding: KubeObject, deployment: KubeObject | undefined): Promise<void> {
  const { metadata: { name, namespace = '', generation }, spec: { sink: { ref, uri }, ceOverrides } } = sinkBinding
  const isThere = ref === undefined || await kubectl.get({ resource: 'services', name: ref.name, namespace: ref.namespace }) !== undefined
  const sinkUri = ref === undefined ? uri : `http://${ref.name}.${ref.namespace}.svc.cluster.local`
  if (isThere && deployment !== undefined) await inject(kubectl, deployment, sinkUri, ceOverrides)

  const lastTransitionTime = now()
  const finding = isThere
    ? { status: 'True' }
    : { status: 'False', reason: 'NoAddressable', message: `failed to get object ${ref.namespace}/${ref.name}: services "${ref.name}" not found` }
  const status = {
    ...(isThere && { sinkUri, observedGeneration: generation }),
    conditions: [
      { type: 'OIDCIdentityCreated', status: 'True', reason: 'authentication-oidc feature disabled', lastTransitionTime },
      { type: 'OIDCTokenSecretCreated', status: 'True', reason: 'authentication-oidc feature disabled', lastTransitionTime },
      { type: 'Ready', ...finding, lastTransitionTime },
      { type: 'SinkBindingAvailable', status: 'True', lastTransitionTime },
      { type: 'SinkProvided', ...finding, lastTransitionTime },
      { type: 'TrustBundlePropagated', status: 'True', lastTransitionTime }
    ]
  }
  const hasSaidSo = condition(sinkBinding) === (isThere ? 'True' : 'False NoAddressable') && (!isThere || isDeepStrictEqual([sinkBinding.status.observedGeneration, sinkBinding.status.sinkUri], [generation, sinkUri]))
  if (!hasSaidSo) await kubectl.patch({ resource: sinkBindings, name, namespace }, { status }, { subresource: 'status', manager: 'eventing-webhook' })
}

/** Puts the env vars at the end of the container's env, in the same order each time. */
async function inject (kubectl: Run['kubectl'], { metadata: { name, namespace = '', resourceVersion }, spec }: KubeObject, sink: string, ceOverrides: object | undefined): Promise<void> {
  const before: Array<{ name: string, value?: string }> = spec.template.spec.containers[0].env ?? []
  const injected = [{ name: 'K_SINK', value: sink }, { name: 'K_CE_OVERRIDES', ...(ceOverrides && { value: JSON.stringify(ceOverrides) }) }]
  const env = [...before.filter(({ name }) => !injected.some(variable => variable.name === name)), ...injected]
  if (isDeepStrictEqual(env, before)) return
  await patchIfSame(kubectl, 'deployments.apps', name, namespace, [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'add', path: '/spec/template/spec/containers/0/env', value: env }
  ])
}

/** Ignores a conflict with another writer: the next call tries again. */
async function patchIfSame (kubectl: Run['kubectl'], resource: string, name: string, namespace: string, patch: object[]): Promise<void> {
  try {
    await kubectl.patch({ resource, name, namespace }, patch, { type: 'json', manager: 'eventing-webhook' })
  } catch (error) {
    if (!(error instanceof CommandError) || !/the server rejected our request|testing value|object has been modified|NotFound/.test(error.stderr)) throw error
  }
}

/** The kubelet: pods run and are ready. */
async function runPods ({ kubectl }: Run, { metadata: { namespace = '' }, spec: { selector: { matchLabels } } }: KubeObject): Promise<void> {
  const selector = Object.entries(matchLabels).map(([name, value]) => `${name}=${String(value)}`).join(',')
  for (const pod of await kubectl.list('pods', '--namespace', namespace, '--selector', selector)) {
    if (pod.metadata.deletionTimestamp !== undefined || condition(pod) === 'True') continue
    const lastTransitionTime = now()
    const conditions = ['Initialized', 'ContainersReady', 'PodScheduled', 'Ready'].map(type => ({ type, status: 'True', lastTransitionTime }))
    await ifStillThere(kubectl.patch({ resource: 'pods', name: pod.metadata.name, namespace }, { status: { phase: 'Running', conditions } }, { subresource: 'status', manager: 'kubelet' }))
  }
}

/** The part of the Deployment controller that writes the status. */
async function rollOut ({ kubectl }: Run, { metadata: { name, namespace = '', generation }, spec: { replicas, paused }, status: before }: KubeObject): Promise<void> {
  if (before?.observedGeneration === generation) return
  const progress = paused === true
    ? { status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' }
    : { status: 'True', reason: 'NewReplicaSetAvailable', message: `ReplicaSet "${name}" has successfully progressed.` }
  const time = { lastUpdateTime: now(), lastTransitionTime: now() }
  const status = {
    observedGeneration: generation,
    replicas,
    updatedReplicas: replicas,
    readyReplicas: replicas,
    availableReplicas: replicas,
    conditions: [
      { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.', ...time },
      { type: 'Progressing', ...progress, ...time }
    ]
  }
  await ifStillThere(kubectl.patch({ resource: 'deployments.apps', name, namespace }, { status }, { subresource: 'status', manager: 'kube-controller-manager' }))
}

async function ifStillThere (write: Promise<void>): Promise<void> {
  try {
    await write
  } catch (error) {
    if (!(error instanceof CommandError) || !error.stderr.includes('NotFound')) throw error
  }
}

function now (): string {
  return new Date().toISOString().replace(/\.\d+/, '')
}
