import { Type, type Static } from '@sinclair/typebox'
import envSchema from 'env-schema'

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
  receiveAdapterImage: string
  receiveAdapterArgs: string[]
  bodyLimitBytes: number
}

/** Says which variables are missing or wrong. */
export class ConfigError extends Error {
  override name = 'ConfigError'

  /** @param mistakes one line each: the variable, and what was expected of it */
  constructor (readonly mistakes: string[]) {
    super(mistakes.join('; '))
  }
}

/**
 * Reads the configuration.
 *
 * @param env such as `process.env`
 * @throws {@link ConfigError} with every mistake
 */
export function readConfig (env: NodeJS.ProcessEnv): Config {
  const mistakes: string[] = []
  const environment = validate(env, mistakes)
  const receiveAdapterArgs = parseArgs(env['RECEIVE_ADAPTER_ARGS'] ?? '[]', mistakes)
  if (environment === undefined || mistakes.length > 0) throw new ConfigError(mistakes)
  return {
    port: environment.PORT,
    host: environment.HOST,
    opsPort: environment.OPS_PORT,
    logLevel: environment.LOG_LEVEL,
    receiveAdapterImage: environment.RECEIVE_ADAPTER_IMAGE,
    receiveAdapterArgs,
    bodyLimitBytes: environment.BODY_LIMIT_BYTES
  }
}

function validate (env: NodeJS.ProcessEnv, mistakes: string[]): Environment | undefined {
  try {
    return envSchema<Environment>({ schema: Environment, data: { ...env }, env: false })
  } catch (error) {
    const { errors = [] } = error as { errors?: Array<{ instancePath: string, message: string, params: Record<string, unknown> }> }
    for (const { instancePath, message, params } of errors) {
      mistakes.push('missingProperty' in params
        ? `${params['missingProperty']} is required`
        : `${instancePath.slice(1)} ${message}${'allowedValues' in params ? `: ${(params['allowedValues'] as string[]).join(', ')}` : ''}, got ${JSON.stringify(env[instancePath.slice(1)])}`)
    }
    return undefined
  }
}

function parseArgs (text: string, mistakes: string[]): string[] {
  try {
    const args: unknown = JSON.parse(text)
    if (Array.isArray(args) && args.every(arg => typeof arg === 'string')) return args
  } catch {
    // Not JSON at all is the same mistake.
  }
  mistakes.push(`RECEIVE_ADAPTER_ARGS must be a JSON array of strings, got ${JSON.stringify(text)}`)
  return []
}
