import { Type } from '@sinclair/typebox'
import { readEnvironment } from '../kubernetes/environment.js'
import { quote } from '../kubernetes/field-error.js'
import { parseJson } from '../kubernetes/json.js'
import { parseResources, type Resources } from '../kubernetes/resources.js'
import { SystemEnvironment, systemObjects, type SystemObjects } from '../source/system-objects.js'

/** The operator's settings for all sources. */
export interface Settings {
  /** Container image of the receive adapters. */
  receiveAdapterImage: string
  /** Arguments of the image's entrypoint. */
  receiveAdapterArgs: string[]
  /** Default compute resources of the receive adapters; none if undefined. */
  receiveAdapterResources?: Resources | undefined
  /** The objects that every source depends on besides its children; none if undefined. */
  system?: SystemObjects | undefined
}

/** Either the settings, or their mistakes: one line for each, with the variable and what it must be. */
export type SettingsResult =
  | { settings: Settings, mistakes?: never }
  | { settings?: never, mistakes: string[] }

/** The environment variables of the settings. A table of docs/configuration.md is generated from this. */
export const SettingsEnvironment = Type.Object({
  RECEIVE_ADAPTER_IMAGE: Type.String({ minLength: 1, description: 'Container image of the receive adapters.' }),
  RECEIVE_ADAPTER_ARGS: Type.String({ default: '[]', description: 'Arguments of the image\'s entrypoint: a JSON array of strings.' }),
  RECEIVE_ADAPTER_RESOURCES: Type.String({ default: '{}', description: 'Compute resources of the receive adapters, unless a source sets its own: JSON like `spec.resources`.' }),
  ...SystemEnvironment.properties
})

/**
 * Reads the settings.
 *
 * @param env such as `process.env`
 */
export function readSettings (env: Record<string, string | undefined>): SettingsResult {
  const { environment, mistakes = [] } = readEnvironment(SettingsEnvironment, env)
  const receiveAdapterArgs = parseArgs(env['RECEIVE_ADAPTER_ARGS'] || '[]', mistakes)
  const receiveAdapterResources = parseResources(env['RECEIVE_ADAPTER_RESOURCES'] || '{}', 'RECEIVE_ADAPTER_RESOURCES', mistakes)
  if (environment === undefined || receiveAdapterArgs === undefined || receiveAdapterResources === undefined) return { mistakes }
  return {
    settings: {
      receiveAdapterImage: environment.RECEIVE_ADAPTER_IMAGE,
      receiveAdapterArgs,
      receiveAdapterResources,
      system: systemObjects(environment)
    }
  }
}

function parseArgs (text: string, mistakes: string[]): string[] | undefined {
  const args = parseJson(text)
  if (Array.isArray(args) && args.every(arg => typeof arg === 'string')) return args
  mistakes.push(`RECEIVE_ADAPTER_ARGS: expected a JSON array of strings, got ${quote(text)}`)
  return undefined
}
