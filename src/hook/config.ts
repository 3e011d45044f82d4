import { Type, type Static } from '@sinclair/typebox'
import { readEnvironment } from '../kubernetes/environment.js'
import type { OverloadLimits } from '../http/overload.js'
import type { TlsPaths } from '../http/tls.js'
import { readSettings, type Settings } from '../samplesource/settings.js'

/**
 * The environment variables of the process. The domain reads those that the operator sets for all sources. The tables of
 * docs/configuration.md are generated from both; `unset` describes there what applies if a variable is not set.
 */
export const Environment = Type.Object({
  PORT: Type.Integer({ default: 8080, minimum: 0, maximum: 65535, description: 'Port that Metacontroller calls: `POST /sync`, `/customize` and `/finalize`.' }),
  OPS_PORT: Type.Integer({ default: 9090, minimum: 0, maximum: 65535, description: 'Port for the kubelet and Prometheus: `GET /healthz`, `/readyz` and `/metrics`. Always plain HTTP.' }),
  HOST: Type.String({ default: '', unset: 'all interfaces', description: 'Address to listen on, for both ports.' }),
  LOG_LEVEL: Type.String({ default: 'info', pattern: '^(trace|debug|info|warn|error|fatal|silent)$', description: 'Lowest level to log: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`.' }),
  BODY_LIMIT_BYTES: Type.Integer({ default: 16 * 1024 * 1024, minimum: 1024, description: 'Largest request body, in bytes.' }),
  TLS_CERT_FILE: Type.String({ default: '', unset: 'plain HTTP', description: 'PEM file with the certificate of `PORT`.' }),
  TLS_KEY_FILE: Type.String({ default: '', unset: 'plain HTTP', description: 'PEM file with the private key of that certificate.' }),
  TLS_CLIENT_CA_FILE: Type.String({ default: '', unset: 'no client certificate is needed', description: 'PEM file with the CAs of the callers. Needs `TLS_CERT_FILE`.' }),
  AUTH_TOKEN_FILE: Type.String({ default: '', unset: 'no token is needed', description: 'File with the accepted bearer tokens, one per line.' }),
  MAX_REQUESTS_PER_CONNECTION: Type.Integer({ default: 100, minimum: 1, description: 'Number of requests after which the hook closes a connection, so that the next one can reach another replica.' }),
  MAX_CONCURRENT_REQUESTS: Type.Integer({ default: 250, minimum: 1, description: 'Maximum number of requests in progress. Beyond that, the hook answers 429 to the one that has been idle for the longest time.' }),
  MAX_CONCURRENT_BYTES: Type.Integer({ default: 16 * 1024 * 1024, minimum: 1024, description: 'Maximum total size of large bodies, in bytes. Further bodies wait for up to 2 s.' }),
  MAX_EVENT_LOOP_DELAY_MS: Type.Integer({ default: 2000, minimum: 0, description: 'Longest average delay of the event loop, in milliseconds; `0` for no limit.' }),
  MAX_MEMORY_BYTES: Type.Integer({ default: 0, minimum: 0, unset: 'nine tenths of the container\'s limit, if it has one', description: 'Maximum memory (resident set), in bytes.' }),
  SHUTDOWN_DELAY_MS: Type.Integer({ default: 5000, minimum: 0, maximum: 3600_000, description: 'How long the hook keeps serving after `SIGTERM`, in milliseconds.' })
})

type Environment = Static<typeof Environment>

/** The configuration of the hook process. */
export interface Config {
  port: number
  host: string
  opsPort: number
  logLevel: string
  bodyLimitBytes: number
  maxRequestsPerConnection: number
  limits: OverloadLimits
  shutdownDelayMs: number
  /** If undefined, the hook port speaks plain HTTP. */
  tls: TlsPaths | undefined
  /** If undefined, no token is required. */
  authTokenFile: string | undefined
  /** The operator's settings for all sources. */
  settings: Settings
}

/** Either the configuration, or its mistakes: one line for each, with the variable and what it must be. */
export type ConfigResult =
  | { config: Config, mistakes?: never }
  | { config?: never, mistakes: string[] }

/**
 * Reads the configuration.
 *
 * @param env such as `process.env`
 */
export function readConfig (env: NodeJS.ProcessEnv): ConfigResult {
  const { environment, mistakes = [] } = readEnvironment(Environment, env)
  const { settings, mistakes: settingsMistakes = [] } = readSettings(env)
  mistakes.push(...settingsMistakes, ...(environment === undefined ? [] : tlsMistakes(environment)))
  if (environment === undefined || settings === undefined || mistakes.length > 0) return { mistakes }
  return {
    config: {
      port: environment.PORT,
      host: environment.HOST,
      opsPort: environment.OPS_PORT,
      logLevel: environment.LOG_LEVEL,
      bodyLimitBytes: environment.BODY_LIMIT_BYTES,
      maxRequestsPerConnection: environment.MAX_REQUESTS_PER_CONNECTION,
      limits: {
        maxConcurrentRequests: environment.MAX_CONCURRENT_REQUESTS,
        maxConcurrentBytes: environment.MAX_CONCURRENT_BYTES,
        maxEventLoopDelayMs: environment.MAX_EVENT_LOOP_DELAY_MS,
        maxMemoryBytes: environment.MAX_MEMORY_BYTES
      },
      shutdownDelayMs: environment.SHUTDOWN_DELAY_MS,
      tls: tlsPaths(environment),
      authTokenFile: environment.AUTH_TOKEN_FILE || undefined,
      settings
    }
  }
}

/** TLS needs both a certificate and its key; client certificates need TLS. */
function tlsMistakes (environment: Environment): string[] {
  const cert = environment.TLS_CERT_FILE !== ''
  const key = environment.TLS_KEY_FILE !== ''
  return [
    ...(cert && !key ? ['TLS_KEY_FILE: required with TLS_CERT_FILE'] : []),
    ...(key && !cert ? ['TLS_CERT_FILE: required with TLS_KEY_FILE'] : []),
    ...(environment.TLS_CLIENT_CA_FILE !== '' && !cert && !key ? ['TLS_CERT_FILE, TLS_KEY_FILE: required with TLS_CLIENT_CA_FILE'] : [])
  ]
}

function tlsPaths ({ TLS_CERT_FILE, TLS_KEY_FILE, TLS_CLIENT_CA_FILE }: Environment): TlsPaths | undefined {
  if (TLS_CERT_FILE === '') return undefined
  return { certFile: TLS_CERT_FILE, keyFile: TLS_KEY_FILE, clientCaFile: TLS_CLIENT_CA_FILE || undefined }
}
