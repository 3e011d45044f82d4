import * as names from '../../src/samplesource/names.js'
import type { Manifest } from '../manifests/harness/kustomize.js'
import { secretsOf } from './composite-controller.js'
import { find, type KubeObject } from './kube-object.js'
import { mountedSecrets, type SecretData } from './pod.js'

/* What the script does itself if the cluster lacks an operator that a component needs: cert-manager, Prometheus Operator. */

/** The key of a kind: `<kind>.<apiVersion>`. */
export function kindOf ({ apiVersion, kind }: KubeObject): string {
  return `${kind}.${apiVersion}`
}

/** Validates objects by the schemas of their kinds, which come from the operators. */
export async function problemsBySchema (objects: KubeObject[]): Promise<string[]> {
  if (objects.length === 0) return []
  // Loaded only here, because it takes a while.
  const { problemsOf } = await import('../manifests/harness/schemas.js')
  return objects.flatMap(object => problemsOf(object as Manifest).map(problem => `${object.kind} ${object.metadata.name}: ${problem}`))
}

/**
 * The Secrets that the hook's pods and Metacontroller read and that nothing else creates.
 *
 * @param installed the installed objects; for a Certificate among them, cert-manager creates the Secret
 * @param secrets the content of each, by name
 */
export function neededSecrets (installed: KubeObject[], secrets: Record<string, SecretData>): Record<string, SecretData> {
  const read = new Set([...mountedSecrets(find(installed, 'Deployment', names.packageName)), ...secretsOf(find(installed, 'CompositeController'))])
  const madeByOthers = installed.filter(({ kind }) => kind === 'Certificate').map(({ spec }) => spec.secretName as string)
  return Object.fromEntries(Object.entries(secrets).filter(([name]) => read.has(name) && !madeByOthers.includes(name)))
}
