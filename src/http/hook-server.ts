import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifySchemaCompiler } from 'fastify'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { TSchema } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { checkSchema, cut } from '../kubernetes/field-error.js'
import type { Hook, SyncReport } from '../metacontroller/hook.js'
import { authToken, type AuthTokens } from './auth-token.js'
import { answerBadPath, answerConnectionError, httpError, registerErrorReplies } from './errors.js'
import { etag } from './etag.js'
import { sendAnswer } from './send-answer.js'
import { jsonBody } from './json-body.js'
import { closeConnections } from './leaving.js'
import { listener } from './listener.js'
import type { Metrics } from './metrics.js'
import { overload, type OverloadLimits } from './overload.js'
import { measureRequests } from './request-metrics.js'
import { tlsWatch } from './tls-watch.js'
import { clientCertificate, type TlsFiles } from './tls.js'

/** Longer messages are cut in the log, in characters, as they quote the status of children. The same limit as an Event's. */
const maxMessage = 1024

/** The options of {@link makeHookServer}. */
export interface HookServerOptions {
  logger: FastifyBaseLogger
  /** The hooks to serve. */
  hooks: Hook[]
  metrics: Metrics
  /** Aborted when shutdown begins. */
  leaving: AbortSignal
  /** Largest request body, in bytes. */
  bodyLimit: number
  limits: OverloadLimits
  /** Number of requests after which a connection is closed. */
  maxRequestsPerConnection: number
  /** If undefined, the server speaks plain HTTP. */
  tls?: TlsFiles | undefined
  /** If undefined, no token is required. */
  tokens?: AuthTokens | undefined
}

/** How many times more connections than requests are allowed: most are idle. */
const connectionsPerRequest = 4

/**
 * Makes the server that Metacontroller calls: the hook `<name>` answers `POST /<name>`. The server is not listening yet.
 */
export function makeHookServer ({ logger, hooks, metrics, leaving, bodyLimit, limits, maxRequestsPerConnection, tls, tokens }: HookServerOptions) {
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    // Log lines name their source; a logger for each request would only add request numbers.
    childLoggerFactory: parent => parent,
    bodyLimit,
    // For the log line with its address.
    ...(tls !== undefined && { https: {} } as object),
    serverFactory: listener(tls, limits.maxConcurrentRequests * connectionsPerRequest),
    clientErrorHandler: answerConnectionError,
    // During shutdown, the server still answers calls that arrive.
    return503OnClosing: false,
    frameworkErrors: answerBadPath
  })
    .withTypeProvider<TypeBoxTypeProvider>()
    .setValidatorCompiler(typeBoxValidator)
  registerErrorReplies(app as unknown as FastifyInstance)

  // In request order: nothing is done for a caller before it is authorized.
  app.register(measureRequests, { requests: metrics.requests })
  app.register(closeConnections, { leaving, maxRequestsPerConnection })
  if (tls !== undefined) {
    app.register(tlsWatch, { tls, metrics })
    app.register(clientCertificate, { tls, metrics })
  }
  if (tokens !== undefined) app.register(authToken, { tokens, metrics })
  app.register(overload, { limits, bodyLimit, metrics })
  app.register(jsonBody, { bodyLimit })

  for (const { name, request, answer } of hooks) {
    app.post(`/${name}`, { schema: { body: request }, onSend: [etag(name), sendAnswer] }, ({ body, log }) => {
      const { response, report } = answer(body, new Date())
      if (report !== undefined) tell(report, log, metrics)
      return response
    })
  }
  return app
}

/** Logs and counts the result of a sync. */
function tell ({ source, generation, events, statusChanged, specInvalid }: SyncReport, log: FastifyBaseLogger, metrics: Metrics): void {
  for (const { type, reason, message } of events) {
    metrics.events.inc({ type, reason })
    log[type === 'Warning' ? 'warn' : 'info']({ type, reason, source, generation }, cut(message, maxMessage))
  }
  if (specInvalid) metrics.invalidSpecs.inc()
  if (statusChanged) metrics.statusChanges.inc()
  log.debug({ source, generation }, 'synced')
}

/**
 * Validates with TypeBox's compiler, which only reads the value: Ajv, as Fastify configures it, would coerce and strip.
 * Only the first mistake is reported.
 */
const typeBoxValidator: FastifySchemaCompiler<TSchema> = ({ schema }) => {
  const compiled = TypeCompiler.Compile(schema)
  return value => {
    const [error] = checkSchema(compiled, value, '', 1)
    if (error === undefined) return { value }
    return { error: httpError(400, `${error.path}: ${error.message}`) }
  }
}
