import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

/**
 * Sends the callers of a server elsewhere once the process is on its way out: every answer ends its connection, so that
 * the next call opens a new one, to a replica that stays.
 */
export const closeConnections = fastifyPlugin(async (app: FastifyInstance, { leaving }: { leaving: AbortSignal }) => {
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (leaving.aborted) reply.header('connection', 'close')
    done()
  })
})
