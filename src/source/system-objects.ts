import { Type, type Static } from '@sinclair/typebox'
import { dnsLabelPattern, dnsSubdomainPattern } from '../kubernetes/names.js'
import { isObject, stringAt, valueAt, type JsonObject } from '../kubernetes/object.js'
import type { Parent } from '../metacontroller/protocol.js'
import { canRelateOtherNamespaces, relatedObjects, type CustomizeResponse } from '../metacontroller/related.js'

/** The environment variables that say which they are. */
export const SystemEnvironment = Type.Object({
  SYSTEM_NAMESPACE: Type.String({ default: '', pattern: `^$|${dnsLabelPattern}`, unset: 'the hook uses none of the following objects', description: 'Namespace of the hook, with the following objects.' }),
  CONFIG_LOGGING_NAME: Type.String({ default: 'config-logging', pattern: dnsSubdomainPattern, description: 'ConfigMap with the logging of the receive adapters.' }),
  CONFIG_OBSERVABILITY_NAME: Type.String({ default: 'config-observability', pattern: dnsSubdomainPattern, description: 'ConfigMap with their metrics, traces and profiles.' }),
  HOOK_DEPLOYMENT_NAME: Type.String({ default: '', pattern: `^$|${dnsSubdomainPattern}`, unset: 'a rollout syncs no source', description: 'The hook\'s own Deployment. Its rollout syncs every source.' })
})

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
 * Says which objects a source depends on besides its children: the ConfigMaps that the adapters' env vars are made of,
 * and the hook's own Deployment, so that its rollout has every source synced. Metacontroller sends them with each sync,
 * and syncs when one of them changes.
 *
 * @returns no rules where the hook does not know its namespace, or version v1 of the hook may not look into it
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

/** A request with the objects that a customize hook has asked for. */
export interface Customized {
  controller?: unknown
  parent: Parent
  related?: unknown
}

/**
 * Tells whether the related ConfigMaps are not those that {@link customize} asks for now: there is one that it does not ask
 * for, or the whole group is missing. Metacontroller keeps an answer for 20 minutes, also of a hook that had other settings.
 * https://github.com/metacontroller/metacontroller/blob/master/pkg/controller/common/customize/manager.go
 */
export function isStaleAnswer (request: Customized, system: SystemObjects | undefined): boolean {
  if (!isObject(valueAt(request.controller, 'spec', 'hooks', 'customize'))) return false
  const [rule] = customize(request, system).relatedResources
  if (rule === undefined) return false
  const isAskedFor = (object: JsonObject) => stringAt(object, 'metadata', 'namespace') === rule.namespace && rule.names.some(name => name === stringAt(object, 'metadata', 'name'))
  return !(relatedObjects(request.related, 'v1', 'ConfigMap')?.every(isAskedFor) ?? false)
}

/** Finds out the system's objects from a valid environment; undefined where the hook does not know its namespace. */
export function systemObjects ({ SYSTEM_NAMESPACE, CONFIG_LOGGING_NAME, CONFIG_OBSERVABILITY_NAME, HOOK_DEPLOYMENT_NAME }: Static<typeof SystemEnvironment>): SystemObjects | undefined {
  if (SYSTEM_NAMESPACE === '') return undefined
  return {
    namespace: SYSTEM_NAMESPACE,
    loggingConfigMap: CONFIG_LOGGING_NAME,
    observabilityConfigMap: CONFIG_OBSERVABILITY_NAME,
    hookDeployment: HOOK_DEPLOYMENT_NAME || undefined
  }
}

/** Where the hook's own Deployment is; undefined where it is not to be looked at. */
export function hookDeploymentOf (system: SystemObjects | undefined): { namespace: string, name: string } | undefined {
  return system?.hookDeployment === undefined ? undefined : { namespace: system.namespace, name: system.hookDeployment }
}
