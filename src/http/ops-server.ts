import fastify, { LogController, type FastifyBaseLogger } from 'fastify'
import { makePort } from '../ops/port.js'
import { makeRendering } from '../ops/rendering.js'
import { answerBadPath, answerConnectionError, registerErrorReplies } from './errors.js'
import type { Metrics } from './metrics.js'

/** What the ops server is made from. */
export interface OpsServerOptions {
  logger: FastifyBaseLogger
  metrics: Metrics
  /** Aborted once the process is on its way out. */
  leaving: AbortSignal
}

/**
 * Makes the server that the kubelet and Prometheus ask: `GET /healthz` whether the process lives, `GET /readyz` whether
 * it is to be called, `GET /metrics` how it does. It has a port of its own so that what protects the hook never stands
 * in the way of a probe.
 */
export function makeOpsServer ({ logger, metrics, leaving }: OpsServerOptions) {
  const app = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    serverFactory: makePort,
    clientErrorHandler: answerConnectionError,
    return503OnClosing: false,
    frameworkErrors: answerBadPath,
    // A connection that says nothing would keep the process from ending.
    forceCloseConnections: true
  })
  registerErrorReplies(app)
  // No body is read: nothing here has one.
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
