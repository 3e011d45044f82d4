import { Type, type Static } from '@sinclair/typebox'
import { readEnvironment } from '../kubernetes/environment.js'
import type { OverloadLimits } from '../http/overload.js'
import type { TlsPaths } from '../http/tls.js'
import { readSettings, type Settings } from '../samplesource/settings.js'

/**
 * What the process takes from its environment; what the operator decides for all sources is read by the domain. The
 * README's table is made by hand from both: keep them alike.
 */
const Environment = Type.Object({
  PORT: Type.Integer({ default: 8080, minimum: 0, maximum: 65535, description: 'Port that Metacontroller calls.' }),
  HOST: Type.String({ default: '', description: 'Address to listen on, for both ports; all interfaces if empty.' }),
  OPS_PORT: Type.Integer({ default: 9090, minimum: 0, maximum: 65535, description: 'Port for the kubelet and Prometheus: /healthz, /readyz, /metrics.' }),
  LOG_LEVEL: Type.String({ default: 'info', pattern: '^(trace|debug|info|warn|error|fatal|silent)$', description: 'Least level that is logged.' }),
  BODY_LIMIT_BYTES: Type.Integer({ default: 16 * 1024 * 1024, minimum: 1024, description: 'Largest request that is read.' }),
  TLS_CERT_FILE: Type.String({ default: '', description: 'PEM file with the hook port\'s certificate; plain HTTP if empty.' }),
  TLS_KEY_FILE: Type.String({ default: '', description: 'PEM file with its private key.' }),
  TLS_CLIENT_CA_FILE: Type.String({ default: '', description: 'PEM file with the CAs of those who may call; no certificate is asked for if empty.' }),
  AUTH_TOKEN_FILE: Type.String({ default: '', description: 'File with the bearer tokens of those who may call, one a line; none is asked for if empty.' }),
  MAX_REQUESTS_PER_CONNECTION: Type.Integer({ default: 100, minimum: 1, description: 'After so many a connection is ended.' }),
  MAX_CONCURRENT_REQUESTS: Type.Integer({ default: 250, minimum: 1, description: 'Most requests at a time; at more, the one that has been still for the longest time is answered 429.' }),
  MAX_CONCURRENT_BYTES: Type.Integer({ default: 16 * 1024 * 1024, minimum: 1024, description: 'Most bytes of large bodies in sum; more wait.' }),
  MAX_EVENT_LOOP_DELAY_MS: Type.Integer({ default: 2000, minimum: 0, description: 'Most that the event loop may be late on average; 0 for no limit.' }),
  MAX_MEMORY_BYTES: Type.Integer({ default: 0, minimum: 0, description: 'Most memory (resident set); 0 for nine tenths of the container\'s limit, if it has one.' }),
  SHUTDOWN_DELAY_MS: Type.Integer({ default: 5000, minimum: 0, maximum: 3600_000, description: 'How long to go on serving after SIGTERM.' })
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
  /** Without, the hook port speaks plain HTTP. */
  tls: TlsPaths | undefined
  /** Without, no token is asked for. */
  authTokenFile: string | undefined
  /** What the operator has decided for all sources. */
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

/** TLS takes a certificate and its key, and only TLS shows the certificate of a client. */
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
