import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

/** When a connection ends with its next answer. */
export interface CloseConnectionsOptions {
  /** Aborted once the process is on its way out. */
  leaving: AbortSignal
  /** After so many requests, so that a new connection can go to another replica. */
  maxRequestsPerConnection: number
}

/**
 * Sends the callers of a server elsewhere: once the process is on its way out every answer ends its connection, before
 * that the last of so many. The next call then opens a new one. Node's own `maxRequestsPerSocket` would leave it open, and
 * answer 503 to who goes on.
 */
export const closeConnections = fastifyPlugin(async (app: FastifyInstance, { leaving, maxRequestsPerConnection }: CloseConnectionsOptions) => {
  const requests = new WeakMap<Socket, number>()
  app.addHook('onSend', ({ raw: { socket } }, reply, _payload, done) => {
    const count = (requests.get(socket) ?? 0) + 1
    requests.set(socket, count)
    if (leaving.aborted || count >= maxRequestsPerConnection) reply.header('connection', 'close')
    done()
  })
})
