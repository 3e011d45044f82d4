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

/** Name of the adapter's container. */
export const receiveAdapterContainer = 'receive-adapter'

/** A Deployment that we make: with all fields that {@link KubernetesObject} requires. */
export type ReceiveAdapter = Deployment & KubernetesObject & { metadata: { namespace: string }, spec: DeploymentSpec }

/** The arguments of {@link makeReceiveAdapter}. */
export interface ReceiveAdapterArgs {
  /** Container image of the adapter. */
  image: string
  /** Arguments of the image's entrypoint. */
  args: string[]
  /** Default compute resources, if the spec sets none. */
  resources?: Resources | undefined
  /** The labels of the selector, from {@link ./labels.ts}. */
  labels: Record<string, string>
  source: SampleSource
  /** A valid spec. */
  spec: SampleSourceSpec
  /** `<namespace>/<name>` of the source. */
  eventSource: string
  /** Env vars besides those of every adapter. */
  additionalEnvs: EnvVar[]
}

/**
 * The name of a source's children: the source's name and its uid, so that it is never the name of another object.
 */
export function receiveAdapterName ({ metadata: { name, uid } }: SampleSource): string {
  return childName(`${childNamePrefix}${name}-`, uid)
}

/**
 * Makes the Deployment of a source's receive adapter, in the form in which the API server stores it: canonical
 * quantities, and no empty fields.
 *
 * It does not set `K_SINK`, `K_CE_OVERRIDES` and `K_CA_CERTS` in the container: the SinkBinding does.
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
      // A pod that exits at once never counts as available: it replaces no working pod.
      minReadySeconds: 5,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels: allLabels },
        spec: {
          // A Service named `metrics` would set METRICS_PORT.
          enableServiceLinks: false,
          serviceAccountName: spec.serviceAccountName || 'default',
          // Restricted Pod Security Standard: https://kubernetes.io/docs/concepts/security/pod-security-standards/
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
