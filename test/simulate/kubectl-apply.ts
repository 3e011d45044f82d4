import { parseJson } from '../../src/kubernetes/json.js'
import { isObject, stringAt, type JsonObject } from '../../src/kubernetes/object.js'
import type { ApiServer, KubeObject, Manifest } from '../harness/api-server.js'
import { merge } from '../harness/dynamic-apply.js'
import { undeclaredField } from '../harness/typed-kind.js'

const manager = 'kubectl-client-side-apply'

/** What kubectl has applied last. */
export const kubectlAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

/**
 * Applies an object as `kubectl apply` does without `--server-side`: a field that was applied before and is no longer in
 * the manifest is removed, and fields of others stay.
 * https://kubernetes.io/docs/tasks/manage-kubernetes-objects/declarative-config/#how-apply-calculates-differences-and-merges-changes
 *
 * @throws ApiError if it is refused
 */
export function kubectlApply (api: ApiServer, manifest: Manifest): KubeObject {
  if (api.discover(manifest.apiVersion, manifest.kind) === undefined) api.definePlain(manifest.apiVersion, manifest.kind)
  const desired = annotated(manifest)
  const live = api.find(manifest)
  if (live === undefined) return api.create(desired, { manager })
  const last = parseJson(stringAt(live, 'metadata', 'annotations', kubectlAnnotation) ?? '{}')
  const next = merge(live, last, desired) as JsonObject
  return api.patch(manifest, (draft: JsonObject) => {
    for (const field of Object.keys(draft)) if (!Object.hasOwn(next, field)) Reflect.deleteProperty(draft, field)
    Object.assign(draft, structuredClone(next))
  }, { manager })
}

/** The fields that strict validation refuses. */
export function unknownFieldsOf (api: ApiServer, manifest: Manifest): string[] {
  const resource = api.discover(manifest.apiVersion, manifest.kind)
  if (resource?.unknownFields !== undefined) return resource.unknownFields(manifest)
  const undeclared = resource === undefined ? undefined : undeclaredField(manifest, resource.schema)
  return undeclared === undefined ? [] : [`unknown field "${undeclared.replace(/^\./, '')}"`]
}

function annotated (manifest: Manifest): Manifest {
  const { annotations = {}, ...metadata } = manifest.metadata
  // The API server refuses other types.
  if (!isObject(annotations)) return manifest
  const { [kubectlAnnotation]: _, ...others } = annotations
  const configuration = JSON.stringify({ ...manifest, metadata: { ...metadata, annotations: others } })
  return { ...manifest, metadata: { ...metadata, annotations: { ...others, [kubectlAnnotation]: `${configuration}\n` } } }
}
