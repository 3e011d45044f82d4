import { valueAt, type JsonObject } from '../../src/kubernetes/object.js'
import { apiVersion, kind, packageName, systemNamespace } from '../../src/samplesource/names.js'
import { receiveAdapterName } from '../../src/samplesource/receive-adapter.js'
import { reconcile, type SyncRequest } from '../../src/samplesource/reconcile.js'
import type { SampleSourceSpec } from '../../src/samplesource/schema.js'
import type { Settings } from '../../src/samplesource/settings.js'

/** Builds requests for tests of the domain: a source, and a cluster that has applied what was answered. */

export const system = {
  namespace: systemNamespace,
  loggingConfigMap: 'config-logging',
  observabilityConfigMap: 'config-observability',
  hookDeployment: packageName
}

export const settings: Settings = { receiveAdapterImage: 'adapter:1', receiveAdapterArgs: [], system }

export const now = new Date('2026-01-02T03:04:05.678Z')

/**
 * A valid spec, with what a source cannot do without: all tests of this source make theirs of it. Where the API gets
 * another required field, it is added here.
 */
export const requiredSpec = { sink: { ref: { apiVersion: 'v1', kind: 'Service', name: 'event-display' } } } satisfies SampleSourceSpec

/** What the CRD gives a spec that does not have it. */
export const defaults = { serviceAccountName: 'default', interval: '10s' }

/** A spec as the API server stores it. */
export const spec = { ...requiredSpec, ...defaults } satisfies SampleSourceSpec

/** A change of the spec that the adapter's env has, and with it the Deployment: another one for each number. */
export const changed = (number: number) => ({ interval: `${number}s` })

/** A field of the spec of this source alone, as long as it may be. */
export const longest = { interval: `${'0'.repeat(253)}10s` }

/** A part of a spec that the schema lets pass and validation does not, and what is said of it. */
export const invalid = { resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } } }
export const invalidMessage = 'spec.resources.requests.memory: expected at most the limit of 1Gi, got 2Gi'

/** A request for a source without children. */
export function makeRequest (changes: { spec?: unknown, status?: unknown, metadata?: object } = {}): SyncRequest {
  return {
    controller: {},
    parent: {
      apiVersion,
      kind,
      metadata: { name: 'heartbeat', namespace: 'demo', uid: '5f0c', generation: 1, ...changes.metadata },
      spec: 'spec' in changes ? changes.spec : spec,
      status: changes.status
    },
    children: { 'Deployment.apps/v1': {}, 'SinkBinding.sources.knative.dev/v1': {} },
    related: {},
    finalizing: false
  }
}

/** The name that the children of such a request have. */
export const adapterName = receiveAdapterName(makeRequest().parent)

export const deploymentReady = {
  observedGeneration: 1,
  replicas: 1,
  updatedReplicas: 1,
  readyReplicas: 1,
  availableReplicas: 1,
  conditions: [
    { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' },
    { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message: 'has successfully progressed' }
  ]
}

export const sinkBindingReady = {
  observedGeneration: 1,
  sinkUri: 'http://event-display.demo.svc.cluster.local',
  conditions: [{ type: 'Ready', status: 'True' }, { type: 'SinkProvided', status: 'True' }]
}

/**
 * The same request, with the children that the hook answers to it, and their status. The Deployment runs, and has what
 * SinkBinding injects.
 */
export function withChildren (request: SyncRequest, deploymentStatus: unknown, sinkBindingStatus: unknown): SyncRequest {
  const [first, sinkBinding] = reconcile(request, settings, now).response.children
  const { paused, ...spec } = valueAt(first, 'spec') as JsonObject
  const deployment = { ...first, spec: { ...spec, replicas: 1 } }
  return {
    ...request,
    children: {
      'Deployment.apps/v1': { 'demo/a': withEnv(observe(deployment, deploymentStatus), { name: 'K_SINK', value: sinkBindingReady.sinkUri }) },
      'SinkBinding.sources.knative.dev/v1': { 'demo/b': observe(sinkBinding, sinkBindingStatus) }
    }
  }
}

/** The same request, with ConfigMaps as related objects: their data by name. */
export function configured (request: SyncRequest, configMaps: Record<string, object>, namespace = system.namespace): SyncRequest {
  const objects = Object.entries(configMaps).map(([name, data]) => [`${namespace}/${name}`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }])
  return { ...request, related: { 'ConfigMap.v1': Object.fromEntries(objects) } }
}

/** A Deployment with env vars that others have added to its container. */
export function withEnv (deployment: any, ...variables: object[]) {
  const copy = structuredClone(deployment)
  copy.spec?.template.spec.containers[0].env.push(...variables)
  return copy
}

function observe (desired: any, status: unknown) {
  const annotations = { 'metacontroller.k8s.io/last-applied-configuration': JSON.stringify(desired) }
  return { ...desired, metadata: { ...desired.metadata, generation: 1, annotations }, status }
}

/** The conditions of an answer: `{ Ready: 'True', Deployed: 'Unknown DeploymentMissing', … }`. */
export function conditionsOf (request: SyncRequest): Record<string, string> {
  return Object.fromEntries(reconcile(request, settings, now).response.status.conditions
    .map(({ type, status, reason }) => [type, reason === undefined ? status : `${status} ${reason}`]))
}
