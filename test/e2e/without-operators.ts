import * as names from '../../src/samplesource/names.js'
import type { Manifest } from '../manifests/harness/kustomize.js'
import { secretsOf } from './composite-controller.js'
import { find, type KubeObject } from './kube-object.js'
import { mountedSecrets, type SecretData } from './pod.js'

/* What the script does itself where an operator is not in the cluster that a component counts on: cert-manager, Prometheus'. */

/** What tells kinds apart: `<kind>.<apiVersion>`. */
export function kindOf ({ apiVersion, kind }: KubeObject): string {
  return `${kind}.${apiVersion}`
}

/** What is wrong with objects by the schemas of their kinds, which are the operators' own. */
export async function problemsBySchema (objects: KubeObject[]): Promise<string[]> {
  if (objects.length === 0) return []
  // Not loaded before: it takes a while.
  const { problemsOf } = await import('../manifests/harness/schemas.js')
  return objects.flatMap(object => problemsOf(object as Manifest).map(problem => `${object.kind} ${object.metadata.name}: ${problem}`))
}

/**
 * The Secrets that the hook's pods and Metacontroller read, and nobody else makes.
 *
 * @param installed what is installed: a Certificate among it has cert-manager make its Secret
 * @param secrets what each would hold, by name
 */
export function neededSecrets (installed: KubeObject[], secrets: Record<string, SecretData>): Record<string, SecretData> {
  const read = new Set([...mountedSecrets(find(installed, 'Deployment', names.packageName)), ...secretsOf(find(installed, 'CompositeController'))])
  const madeByOthers = installed.filter(({ kind }) => kind === 'Certificate').map(({ spec }) => spec.secretName as string)
  return Object.fromEntries(Object.entries(secrets).filter(([name]) => read.has(name) && !madeByOthers.includes(name)))
}
