import fastify, { LogController, type FastifyBaseLogger } from 'fastify'
import { registerErrorReplies } from './errors.js'

/**
 * Makes the server that the kubelet asks: `GET /healthz` whether the process lives, `GET /readyz` whether it can be
 * called. It has a port of its own so that what protects the hook never stands in the way of a probe.
 */
export function makeOpsServer (logger: FastifyBaseLogger) {
  const app = fastify({ loggerInstance: logger, logController: new LogController({ disableRequestLogging: true }) })
  registerErrorReplies(app)
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async () => ({ status: 'ok' }))
  return app
}
