import fastify, { LogController, type FastifyBaseLogger } from 'fastify'
import { makePort } from '../ops/port.js'
import { makeRendering } from '../ops/rendering.js'
import { answerBadPath, answerConnectionError, registerErrorReplies } from './errors.js'
import type { Metrics } from './metrics.js'

/** The options of {@link makeOpsServer}. */
export interface OpsServerOptions {
  logger: FastifyBaseLogger
  metrics: Metrics
  /** Aborted when shutdown begins. */
  leaving: AbortSignal
}

/**
 * Makes the server for the kubelet and Prometheus: `GET /healthz` for liveness, `GET /readyz` for readiness, and
 * `GET /metrics`. It has its own port, so that the limits of the hook's port never affect a probe.
 */
export function makeOpsServer ({ logger, metrics, leaving }: OpsServerOptions) {
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    serverFactory: makePort,
    clientErrorHandler: answerConnectionError,
    return503OnClosing: false,
    frameworkErrors: answerBadPath,
    // An idle connection would keep the process from ending.
    forceCloseConnections: true
  })
  registerErrorReplies(app)
  // No route reads a body.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_, reply) => {
    if (!leaving.aborted) return { status: 'ok' }
    reply.code(503)
    return { status: 'leaving' }
  })
  const render = makeRendering(metrics.registry)
  app.get('/metrics', async (_, reply) => {
    reply.type(metrics.registry.contentType)
    return await render()
  })
  return app
}
