import { storedEnvVar, textEnvVar, type EnvVar } from '../kubernetes/env-vars.js'
import type { FieldError } from '../kubernetes/field-error.js'
import { arrayAt, stringAt, type JsonObject } from '../kubernetes/object.js'
import { readConfigMap, type ConfigData, type ConfigEnvVars } from '../knative/config-map.js'
import { loggingEnvVars } from '../knative/logging-env-vars.js'
import { metricsDomain, observabilityEnvVars } from '../knative/observability-env-vars.js'
import { appliedPart } from '../metacontroller/children.js'
import { findObject, relatedObjects } from '../metacontroller/related.js'
import { isStaleAnswer, type Customized, type SystemObjects } from './system-objects.js'

/** What the ConfigMaps of the hook's namespace come to for the adapters. */
export interface AdapterConfig {
  /** Env vars of the receive adapter; none has an empty value. */
  env: EnvVar[]
  /** What is wrong with the ConfigMaps; undefined when nobody has asked for them. */
  problems: FieldError[] | undefined
  /** Whether they are not those that are asked for now. */
  isStale: boolean
}

/** Whose configuration it is. */
export interface ConfiguredAdapter {
  /** By this name it finds its own level in `config-logging`. */
  component: string
  /** The container that it runs in. */
  container: string
  /** Its Deployment, as it was observed. */
  deployment: JsonObject | undefined
}

/**
 * Makes env vars of the ConfigMaps that a sync's request has as related objects, always in the same order. A ConfigMap
 * that is not there gives none. One that is malformed gives those that were applied last, so that it changes nothing in
 * adapters that run; so does one that is not there because Metacontroller has not asked for it yet.
 *
 * @param request as Metacontroller sends it
 * @param system where the ConfigMaps are
 * @param adapter whose they are
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

/** Those of some env vars that the Deployment was last given, as they are there now. */
function lastApplied ({ deployment, container }: ConfiguredAdapter, names: string[]): EnvVar[] {
  const found = arrayAt(appliedPart(deployment ?? {})['spec'], 'template', 'spec', 'containers')
    .find(candidate => stringAt(candidate, 'name') === container)
  return names.flatMap(name => {
    const variable = arrayAt(found, 'env').find(variable => stringAt(variable, 'name') === name)
    return variable === undefined ? [] : [storedEnvVar(name, stringAt(variable, 'value'))]
  })
}
