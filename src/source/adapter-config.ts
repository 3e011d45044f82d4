import { storedEnvVar, textEnvVar, type EnvVar } from '../kubernetes/env-vars.js'
import type { FieldError } from '../kubernetes/field-error.js'
import { arrayAt, stringAt, type JsonObject } from '../kubernetes/object.js'
import { readConfigMap, type ConfigData, type ConfigEnvVars } from '../knative/config-map.js'
import { loggingEnvVars } from '../knative/logging-env-vars.js'
import { metricsDomain, observabilityEnvVars } from '../knative/observability-env-vars.js'
import { appliedPart } from '../metacontroller/children.js'
import { findObject, relatedObjects } from '../metacontroller/related.js'
import { isStaleAnswer, type Customized, type SystemObjects } from './system-objects.js'

/** The adapters' configuration, from the ConfigMaps in the hook's namespace. */
export interface AdapterConfig {
  /** Env vars of the receive adapter, none of them empty. */
  env: EnvVar[]
  /** Problems in the ConfigMaps; undefined if the hook asks for no ConfigMaps. */
  problems: FieldError[] | undefined
  /** Whether these are not the ConfigMaps that the hook asks for now. */
  isStale: boolean
}

/** The adapter to configure. */
export interface ConfiguredAdapter {
  /** Selects its level in `config-logging`. */
  component: string
  /** Name of its container. */
  container: string
  /** Its Deployment, as observed. */
  deployment: JsonObject | undefined
}

/**
 * Makes env vars from the ConfigMaps among the related objects of a sync request, always in the same order. A missing
 * ConfigMap gives none. For a malformed one, the last applied env vars are kept, so that running adapters do not change;
 * so they are for one that is missing only because Metacontroller has not asked for it yet.
 *
 * @param request as Metacontroller sends it
 * @param system names the ConfigMaps
 * @param adapter the one to configure
 */
export function readAdapterConfig (request: Customized, system: SystemObjects | undefined, adapter: ConfiguredAdapter): AdapterConfig {
  const isStale = isStaleAnswer(request, system)
  const configMaps = relatedObjects(request.related, 'v1', 'ConfigMap') ?? (isStale ? [] : undefined)
  if (system === undefined || configMaps === undefined) return { env: [], problems: undefined, isStale }
  const { namespace, loggingConfigMap, observabilityConfigMap } = system
  const read = (name: string, makeEnvVars: (data: ConfigData) => ConfigEnvVars) => {
    const configMap = findObject(configMaps, namespace, name)
    return envVarsOf(`${namespace}/${name}`, readConfigMap(configMap, makeEnvVars), adapter, configMap === undefined && isStale)
  }
  const configs = [
    read(loggingConfigMap, loggingEnvVars),
    read(observabilityConfigMap, data => observabilityEnvVars(data, { domain: metricsDomain, component: adapter.component }))
  ]
  return { env: configs.flatMap(({ env }) => env), problems: configs.flatMap(({ problems }) => problems), isStale }
}

function envVarsOf (configMap: string, { env, problems }: ConfigEnvVars, adapter: ConfiguredAdapter, isUnknown: boolean) {
  return {
    env: problems.length > 0 || isUnknown
      ? lastApplied(adapter, env.map(({ name }) => name))
      : env.flatMap(({ name, value }) => textEnvVar(name, value)),
    problems: problems.map(({ path, message }) => ({ path: `ConfigMap ${configMap}: ${path}`, message }))
  }
}

/** Those of the named env vars that were last applied to the Deployment, with their observed values. */
function lastApplied ({ deployment, container }: ConfiguredAdapter, names: string[]): EnvVar[] {
  const found = arrayAt(appliedPart(deployment ?? {})['spec'], 'template', 'spec', 'containers')
    .find(candidate => stringAt(candidate, 'name') === container)
  return names.flatMap(name => {
    const variable = arrayAt(found, 'env').find(variable => stringAt(variable, 'name') === name)
    return variable === undefined ? [] : [storedEnvVar(name, stringAt(variable, 'value'))]
  })
}
