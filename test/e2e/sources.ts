import * as names from '../../src/samplesource/names.js'
import { requiredSpec } from '../samplesource/source.js'
import type { KubeObject } from './kube-object.js'

/** The resource, as kubectl takes it. */
export const sampleSources = `${names.plural}.${names.group}`
export const sinkBindings = 'sinkbindings.sources.knative.dev'
export const compositeControllers = 'compositecontrollers.metacontroller.k8s.io'
export const customResourceDefinitions = 'customresourcedefinitions.apiextensions.k8s.io'

/** The Service that sources send to by default. */
export const sinkName = 'event-display'

/** The spec of most sources here: a value of every kind that goes into the children. */
export const spec = {
  ...requiredSpec,
  interval: '10s',
  sink: { ref: { apiVersion: 'v1', kind: 'Service', name: sinkName } },
  ceOverrides: { extensions: { team: 'samples' } },
  resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '128Mi' } }
}

/** A SampleSource. */
export function sampleSource (name: string, namespace: string, wanted: object = spec): KubeObject {
  return { apiVersion: names.apiVersion, kind: names.kind, metadata: { name, namespace }, spec: wanted }
}

/** The labels that select the children and pods of a source. */
export const labelsOf = (name: string) => ({ 'knative-eventing-source': names.controllerAgentName, 'knative-eventing-source-name': name })

/** The labels that describe a child to people and tools. */
const recommendedLabels = {
  'app.kubernetes.io/name': `${names.singular}-adapter`,
  'app.kubernetes.io/component': 'receive-adapter',
  'app.kubernetes.io/part-of': names.singular,
  'app.kubernetes.io/managed-by': names.controllerAgentName
}

/** The metadata that every child has: its owner and labels. */
function childMetadata ({ metadata: { name, namespace, uid } }: KubeObject): object {
  return {
    namespace,
    labels: { ...recommendedLabels, ...labelsOf(name), 'controller-uid': uid },
    ownerReferences: [{ apiVersion: names.apiVersion, kind: names.kind, name, uid, controller: true, blockOwnerDeletion: true }]
  }
}

/**
 * The expected Deployment of a source, by docs/adapter.md and docs/configuration.md.
 *
 * @param source with {@link spec}, or another interval
 * @param image of the receive adapter
 * @param replicas 0 while it waits for its sink
 */
export function expectedDeployment (source: KubeObject, image: string, replicas = 1): object {
  const { metadata: { name, namespace }, spec: { interval } } = source
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: childMetadata(source),
    spec: {
      replicas,
      minReadySeconds: 5,
      selector: { matchLabels: labelsOf(name) },
      template: {
        metadata: { labels: { ...recommendedLabels, ...labelsOf(name) } },
        spec: {
          enableServiceLinks: false,
          serviceAccountName: 'default',
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [{
            name: 'receive-adapter',
            image,
            args: ['--max-semi-space-size=1', 'dist/adapter/main.js'],
            ports: [{ name: 'metrics', containerPort: 9090, protocol: 'TCP' }],
            resources: spec.resources,
            securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } }
          }]
        }
      }
    },
    env: {
      EVENT_SOURCE: `${namespace}/${name}`,
      INTERVAL: interval,
      NAMESPACE: 'metadata.namespace',
      NAME: 'metadata.name',
      METRICS_DOMAIN: 'knative.dev/eventing'
    }
  }
}

/** A Deployment, and the env of its container by name, to which others may have added. */
export function withEnv (deployment: KubeObject): KubeObject {
  const env: Array<{ name: string, value?: string, valueFrom?: { fieldRef?: { fieldPath: string } } }> = deployment.spec.template.spec.containers[0].env ?? []
  return { ...deployment, env: Object.fromEntries(env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom?.fieldRef?.fieldPath ?? ''])) }
}

/** The expected SinkBinding of a source. */
export function expectedSinkBinding (source: KubeObject, deployment: KubeObject): object {
  const { metadata: { namespace }, spec: { sink, ceOverrides } } = source
  return {
    apiVersion: 'sources.knative.dev/v1',
    kind: 'SinkBinding',
    metadata: childMetadata(source),
    spec: {
      sink: { ...sink, ref: { ...sink.ref, namespace } },
      ceOverrides,
      subject: { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: deployment.metadata.name }
    }
  }
}
