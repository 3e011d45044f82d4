import { Type, type Static } from '@sinclair/typebox'
import envSchema from 'env-schema'
import type { Settings } from './samplesource/reconcile.js'

/** What the hook takes from its environment. The README's table is made by hand from this: keep them alike. */
const Environment = Type.Object({
  PORT: Type.Integer({ default: 8080, minimum: 0, maximum: 65535, description: 'Port that Metacontroller calls.' }),
  HOST: Type.String({ default: '', description: 'Address to listen on, for both ports; all interfaces if empty.' }),
  OPS_PORT: Type.Integer({ default: 9090, minimum: 0, maximum: 65535, description: 'Port for the kubelet: /healthz and /readyz.' }),
  LOG_LEVEL: Type.String({ default: 'info', enum: ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], description: 'Least level that is logged.' }),
  RECEIVE_ADAPTER_IMAGE: Type.String({ minLength: 1, description: 'Container image of the receive adapters.' }),
  RECEIVE_ADAPTER_ARGS: Type.String({ default: '[]', description: 'Arguments of their entrypoint: a JSON array of strings.' }),
  BODY_LIMIT_BYTES: Type.Integer({ default: 16 * 1024 * 1024, minimum: 1024, description: 'Largest request that is read.' })
})

type Environment = Static<typeof Environment>

/** The configuration of the hook process. */
export interface Config {
  port: number
  host: string
  opsPort: number
  logLevel: string
  bodyLimitBytes: number
  settings: Settings
}

/** Either the configuration, or what is wrong with it: one line for each mistake, with the variable and what it must be. */
export type ConfigResult =
  | { config: Config, mistakes?: never }
  | { config?: never, mistakes: string[] }

/**
 * Reads the configuration.
 *
 * @param env such as `process.env`
 */
export function readConfig (env: NodeJS.ProcessEnv): ConfigResult {
  const mistakes: string[] = []
  const environment = validate(env, mistakes)
  const receiveAdapterArgs = parseArgs(env['RECEIVE_ADAPTER_ARGS'] ?? '[]', mistakes)
  if (environment === undefined || receiveAdapterArgs === undefined) return { mistakes }
  return {
    config: {
      port: environment.PORT,
      host: environment.HOST,
      opsPort: environment.OPS_PORT,
      logLevel: environment.LOG_LEVEL,
      bodyLimitBytes: environment.BODY_LIMIT_BYTES,
      settings: {
        receiveAdapterImage: environment.RECEIVE_ADAPTER_IMAGE,
        receiveAdapterArgs,
        additionalEnvs: []
      }
    }
  }
}

/** One of the errors that env-schema has from Ajv. */
interface SchemaError {
  instancePath: string
  message: string
  params: { missingProperty?: string, allowedValues?: string[] }
}

function validate (env: NodeJS.ProcessEnv, mistakes: string[]): Environment | undefined {
  try {
    return envSchema<Environment>({ schema: Environment, data: { ...env }, env: false })
  } catch (error) {
    mistakes.push(...(error as { errors: SchemaError[] }).errors.map(schemaError => describe(schemaError, env)))
    return undefined
  }
}

function describe ({ instancePath, message, params }: SchemaError, env: NodeJS.ProcessEnv): string {
  if (params.missingProperty !== undefined) return `${params.missingProperty} is required`
  const variable = instancePath.slice(1)
  const expected = params.allowedValues === undefined ? message : `must be one of ${params.allowedValues.join(', ')}`
  return `${variable} ${expected}, got ${JSON.stringify(env[variable])}`
}

function parseArgs (text: string, mistakes: string[]): string[] | undefined {
  try {
    const args: unknown = JSON.parse(text)
    if (Array.isArray(args) && args.every(arg => typeof arg === 'string')) return args
  } catch {
    // Not JSON at all is the same mistake.
  }
  mistakes.push(`RECEIVE_ADAPTER_ARGS must be a JSON array of strings, got ${JSON.stringify(text)}`)
  return undefined
}
