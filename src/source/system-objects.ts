import { Type, type Static } from '@sinclair/typebox'
import { canRelateOtherNamespaces, type CustomizeResponse } from '../metacontroller/related.js'
import { SampleSource } from './schema.js'

/** What Metacontroller asks for a SampleSource before it syncs it. */
export const CustomizeRequest = Type.Object({
  controller: Type.Optional(Type.Unknown()),
  parent: SampleSource
})
export type CustomizeRequest = Static<typeof CustomizeRequest>

/** The objects that concern every source, wherever it is: those of the namespace that the hook runs in. */
export interface SystemObjects {
  namespace: string
  /** Name of the ConfigMap with the adapters' logging. */
  loggingConfigMap: string
  /** Name of the ConfigMap with the adapters' metrics and tracing. */
  observabilityConfigMap: string
  /** Name of the hook's own Deployment, if it is to be looked at. */
  hookDeployment?: string | undefined
}

/**
 * Says which objects, beside its children, a source depends on: the ConfigMaps that the adapters' env vars are made of,
 * and the hook's own Deployment, so that its rollout has every source synced. Metacontroller sends them with each sync,
 * and syncs when one of them changes.
 *
 * @returns no rules where the hook does not know its namespace, or version v1 of the hook may not look into it
 */
export function customize ({ controller, parent }: CustomizeRequest, system: SystemObjects | undefined): CustomizeResponse {
  if (system === undefined) return { relatedResources: [] }
  const { namespace, loggingConfigMap, observabilityConfigMap, hookDeployment } = system
  if (parent.metadata.namespace !== namespace && !canRelateOtherNamespaces(controller)) return { relatedResources: [] }
  return {
    relatedResources: [
      { apiVersion: 'v1', resource: 'configmaps', namespace, names: [loggingConfigMap, observabilityConfigMap] },
      ...(hookDeployment === undefined ? [] : [{ apiVersion: 'apps/v1', resource: 'deployments', namespace, names: [hookDeployment] }])
    ]
  }
}
