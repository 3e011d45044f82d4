import { Type, type Static } from '@sinclair/typebox'
import { dnsLabelPattern, dnsSubdomainPattern } from '../kubernetes/names.js'
import { isObject, stringAt, valueAt, type JsonObject } from '../kubernetes/object.js'
import type { Parent } from '../metacontroller/protocol.js'
import { canRelateOtherNamespaces, relatedObjects, type CustomizeResponse } from '../metacontroller/related.js'

/** The environment variables that name these objects. */
export const SystemEnvironment = Type.Object({
  SYSTEM_NAMESPACE: Type.String({ default: '', pattern: `^$|${dnsLabelPattern}`, unset: 'the hook uses none of the following objects', description: 'Namespace of the hook, with the following objects.' }),
  CONFIG_LOGGING_NAME: Type.String({ default: 'config-logging', pattern: dnsSubdomainPattern, description: 'ConfigMap with the logging of the receive adapters.' }),
  CONFIG_OBSERVABILITY_NAME: Type.String({ default: 'config-observability', pattern: dnsSubdomainPattern, description: 'ConfigMap with their metrics, traces and profiles.' }),
  HOOK_DEPLOYMENT_NAME: Type.String({ default: '', pattern: `^$|${dnsSubdomainPattern}`, unset: 'a rollout syncs no source', description: 'The hook\'s own Deployment. Its rollout syncs every source.' })
})

/** The objects that concern every source, in the hook's namespace. */
export interface SystemObjects {
  namespace: string
  /** Name of the ConfigMap with the adapters' logging. */
  loggingConfigMap: string
  /** Name of the ConfigMap with the adapters' metrics and tracing. */
  observabilityConfigMap: string
  /** Name of the hook's own Deployment, if the hook watches it. */
  hookDeployment?: string | undefined
}

/**
 * Returns the objects that a source depends on besides its children: the ConfigMaps with the configuration of the
 * adapters, and the hook's own Deployment, so that its rollout syncs every source. Metacontroller sends them with each
 * sync, and syncs when one of them changes.
 *
 * @returns no rules if the hook does not know its namespace, or if version v1 of the customize hook cannot ask for it
 */
export function customize ({ controller, parent }: { controller?: unknown, parent: Parent }, system: SystemObjects | undefined): CustomizeResponse {
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

/** A request with the related objects of the customize hook. */
export interface Customized {
  controller?: unknown
  parent: Parent
  related?: unknown
}

/**
 * Whether the related ConfigMaps are not those that {@link customize} asks for now: one of them is not asked for, or the
 * whole group is missing. Metacontroller caches an answer for 20 minutes, even if the hook's settings change meanwhile.
 * https://github.com/metacontroller/metacontroller/blob/master/pkg/controller/common/customize/manager.go
 */
export function isStaleAnswer (request: Customized, system: SystemObjects | undefined): boolean {
  if (!isObject(valueAt(request.controller, 'spec', 'hooks', 'customize'))) return false
  const [rule] = customize(request, system).relatedResources
  if (rule === undefined) return false
  const isAskedFor = (object: JsonObject) => stringAt(object, 'metadata', 'namespace') === rule.namespace && rule.names.some(name => name === stringAt(object, 'metadata', 'name'))
  return !(relatedObjects(request.related, 'v1', 'ConfigMap')?.every(isAskedFor) ?? false)
}

/** Reads the system's objects from a valid environment; undefined if the hook does not know its namespace. */
export function systemObjects ({ SYSTEM_NAMESPACE, CONFIG_LOGGING_NAME, CONFIG_OBSERVABILITY_NAME, HOOK_DEPLOYMENT_NAME }: Static<typeof SystemEnvironment>): SystemObjects | undefined {
  if (SYSTEM_NAMESPACE === '') return undefined
  return {
    namespace: SYSTEM_NAMESPACE,
    loggingConfigMap: CONFIG_LOGGING_NAME,
    observabilityConfigMap: CONFIG_OBSERVABILITY_NAME,
    hookDeployment: HOOK_DEPLOYMENT_NAME || undefined
  }
}

/** Where the hook's own Deployment is; undefined if the hook does not watch it. */
export function hookDeploymentOf (system: SystemObjects | undefined): { namespace: string, name: string } | undefined {
  return system?.hookDeployment === undefined ? undefined : { namespace: system.namespace, name: system.hookDeployment }
}
