import type { Settings, SyncRequest } from '../../src/samplesource/reconcile.js'
import { reconcile } from '../../src/samplesource/reconcile.js'

/** Builds requests for tests of the domain: a source, and a cluster that has applied what was answered. */

export const system = {
  namespace: 'knative-samples',
  loggingConfigMap: 'config-logging',
  observabilityConfigMap: 'config-observability',
  hookDeployment: 'samplesource-hook'
}

export const settings: Settings = { receiveAdapterImage: 'adapter:1', receiveAdapterArgs: [], system }

export const now = new Date('2026-01-02T03:04:05.678Z')

/** A valid spec. */
export const spec = { sink: { ref: { apiVersion: 'v1', kind: 'Service', name: 'event-display' } }, serviceAccountName: 'default', interval: '10s' }

/** A request for a source without children. */
export function makeRequest (changes: { spec?: unknown, status?: unknown, metadata?: object } = {}): SyncRequest {
  return {
    controller: {},
    parent: {
      apiVersion: 'samples.knative.dev/v1alpha1',
      kind: 'SampleSource',
      metadata: { name: 'heartbeat', namespace: 'demo', uid: '5f0c', generation: 1, ...changes.metadata },
      spec: 'spec' in changes ? changes.spec : spec,
      status: changes.status
    },
    children: { 'Deployment.apps/v1': {}, 'SinkBinding.sources.knative.dev/v1': {} },
    related: {},
    finalizing: false
  }
}

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

/** The same request, with the children that the hook answers to it, and their status. */
export function withChildren (request: SyncRequest, deploymentStatus: unknown, sinkBindingStatus: unknown): SyncRequest {
  const [deployment, sinkBinding] = reconcile(request, settings, now).response.children
  return {
    ...request,
    children: {
      'Deployment.apps/v1': { 'demo/a': observe(deployment, deploymentStatus) },
      'SinkBinding.sources.knative.dev/v1': { 'demo/b': observe(sinkBinding, sinkBindingStatus) }
    }
  }
}

/** The same request, with ConfigMaps as related objects: their data by name. */
export function configured (request: SyncRequest, configMaps: Record<string, object>, namespace = system.namespace): SyncRequest {
  const objects = Object.entries(configMaps).map(([name, data]) => [`${namespace}/${name}`, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data }])
  return { ...request, related: { 'ConfigMap.v1': Object.fromEntries(objects) } }
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
