import { plainKind } from './plain-kind.js'
import type { Resource } from './resource.js'

/*
 * The kinds of every cluster (`kubectl api-resources`), without schemas. Deployments and
 * Events have their own files.
 */

const namespaced: Record<string, string> = {
  v1: 'ConfigMap Endpoints LimitRange PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount',
  'apps/v1': 'ControllerRevision DaemonSet ReplicaSet StatefulSet',
  'autoscaling/v1': 'HorizontalPodAutoscaler',
  'autoscaling/v2': 'HorizontalPodAutoscaler',
  'batch/v1': 'CronJob Job',
  'coordination.k8s.io/v1': 'Lease',
  'discovery.k8s.io/v1': 'EndpointSlice',
  'networking.k8s.io/v1': 'Ingress NetworkPolicy',
  'policy/v1': 'PodDisruptionBudget',
  'rbac.authorization.k8s.io/v1': 'Role RoleBinding'
}

const clusterScoped: Record<string, string> = {
  v1: 'Namespace Node PersistentVolume',
  'admissionregistration.k8s.io/v1': 'MutatingWebhookConfiguration ValidatingWebhookConfiguration',
  'apiregistration.k8s.io/v1': 'APIService',
  'networking.k8s.io/v1': 'IngressClass',
  'node.k8s.io/v1': 'RuntimeClass',
  'rbac.authorization.k8s.io/v1': 'ClusterRole ClusterRoleBinding',
  'scheduling.k8s.io/v1': 'PriorityClass',
  'storage.k8s.io/v1': 'CSIDriver StorageClass VolumeAttachment'
}

/** The kinds with a generation: the server counts the changes of their spec. */
const withGeneration = new Set(['DaemonSet', 'ReplicaSet', 'StatefulSet', 'ReplicationController', 'CronJob', 'Job', 'Ingress', 'NetworkPolicy', 'PodDisruptionBudget', 'EndpointSlice'])

/** The kinds; the API server stores their objects unchanged. */
export const builtInKinds: Resource[] = [...kindsOf(namespaced, true), ...kindsOf(clusterScoped, false)]

function kindsOf (kinds: Record<string, string>, isNamespaced: boolean): Resource[] {
  return Object.entries(kinds).flatMap(([apiVersion, list]) => list.split(' ').map(kind =>
    plainKind(apiVersion, kind, { plural: pluralOf(kind), namespaced: isNamespaced, hasGeneration: withGeneration.has(kind) })))
}

/** The name of a kind in URLs: `ingresses`, `networkpolicies`, `endpoints`. */
export function pluralOf (kind: string): string {
  const name = kind.toLowerCase()
  if (name === 'endpoints') return name
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`
  return /(?:s|x|z|ch|sh)$/.test(name) ? `${name}es` : `${name}s`
}
