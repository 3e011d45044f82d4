import type { Deployment, DeploymentSpec } from 'kubernetes-types/apps/v1.js'
import { textEnvVar, type EnvVar } from '../kubernetes/env-vars.js'
import type { KubernetesObject } from '../kubernetes/object.js'
import { makeResources, overrideResources, type Resources } from '../kubernetes/resources.js'
import { childName } from '../knative/child-name.js'
import { metricsDomain } from '../knative/observability-env-vars.js'
import { metricsPorts } from '../source/metrics-port.js'
import { recommendedLabels } from './labels.js'
import { childNamePrefix } from './names.js'
import type { SampleSource, SampleSourceSpec } from './schema.js'

/** The container that the adapter runs in. */
export const receiveAdapterContainer = 'receive-adapter'

/** A Deployment as we make it: with all that {@link KubernetesObject} asks. */
export type ReceiveAdapter = Deployment & KubernetesObject & { metadata: { namespace: string }, spec: DeploymentSpec }

/** What a receive adapter is made from. */
export interface ReceiveAdapterArgs {
  /** Container image of the adapter. */
  image: string
  /** Arguments of its entrypoint. */
  args: string[]
  /** Compute resources, where the spec does not say. */
  resources?: Resources | undefined
  /** From {@link ./labels.ts}: the selector's. */
  labels: Record<string, string>
  source: SampleSource
  /** A valid one. */
  spec: SampleSourceSpec
  /** `<namespace>/<name>` of the source. */
  eventSource: string
  /** Env vars besides those that every adapter gets. */
  additionalEnvs: EnvVar[]
}

/**
 * The name of a source's children: its own, and its uid, so that no object of somebody else's has it.
 */
export function receiveAdapterName ({ metadata: { name, uid } }: SampleSource): string {
  return childName(`${childNamePrefix}${name}-`, uid)
}

/**
 * Makes the Deployment of a source's receive adapter, in the form in which the API server stores it: canonical
 * quantities, and nothing that is empty.
 *
 * The container's environment leaves `K_SINK`, `K_CE_OVERRIDES` and `K_CA_CERTS` alone: the SinkBinding sets them.
 */
export function makeReceiveAdapter ({ image, args, resources: defaultResources = {}, labels, source, spec, eventSource, additionalEnvs }: ReceiveAdapterArgs): ReceiveAdapter {
  const resources = makeResources(overrideResources(defaultResources, spec.resources))
  const allLabels = { ...recommendedLabels, ...labels }
  const ports = metricsPorts(args, additionalEnvs)
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: receiveAdapterName(source),
      namespace: source.metadata.namespace,
      labels: allLabels
    },
    spec: {
      replicas: 1,
      // A pod that ends at once has not been available: it replaces none that works.
      minReadySeconds: 5,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: allLabels },
        spec: {
          // A Service called `metrics` would set METRICS_PORT.
          enableServiceLinks: false,
          serviceAccountName: spec.serviceAccountName || 'default',
          // The restricted Pod Security Standard: https://kubernetes.io/docs/concepts/security/pod-security-standards/
          securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [{
            name: receiveAdapterContainer,
            image,
            ...(args.length > 0 && { args }),
            ...(ports.length > 0 && { ports }),
            env: [...makeEnv(eventSource, spec), ...additionalEnvs],
            ...(resources !== undefined && { resources }),
            securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } }
          }]
        }
      }
    }
  }
}

function makeEnv (eventSource: string, spec: SampleSourceSpec): EnvVar[] {
  return [
    ...textEnvVar('EVENT_SOURCE', eventSource),
    ...textEnvVar('INTERVAL', spec.interval || '10s'),
    { name: 'NAMESPACE', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } } },
    { name: 'NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
    ...textEnvVar('METRICS_DOMAIN', metricsDomain)
  ]
}
