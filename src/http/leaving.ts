import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { finished } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

/** When a connection is closed after its next answer. */
export interface CloseConnectionsOptions {
  /** Aborted when shutdown begins. */
  leaving: AbortSignal
  /** Limit of requests, so that a new connection can reach another replica. */
  maxRequestsPerConnection: number
}

/**
 * Makes clients reconnect: once shutdown has begun, each answer closes its connection; before that, the last of a number
 * of answers does. The next call then opens a new connection. Node's own `maxRequestsPerSocket` would leave the connection
 * open and answer further requests with 503.
 *
 * A client whose connection is closed while it sends may never read the answer. So an answer sent before the body is
 * complete keeps the connection open, and the last answer (also for a client that asked to close) waits for the rest of
 * the body. Both discard that rest, for as long as a request may take.
 */
export const closeConnections = fastifyPlugin(async (app: FastifyInstance, { leaving, maxRequestsPerConnection }: CloseConnectionsOptions) => {
  const requests = new WeakMap<Socket, number>()
  app.addHook('onSend', ({ raw }, reply, _payload, done) => {
    const count = (requests.get(raw.socket) ?? 0) + 1
    requests.set(raw.socket, count)
    const last = leaving.aborted || count >= maxRequestsPerConnection || !reply.raw.shouldKeepAlive
    if (last) reply.header('connection', 'close')
    if (!isBeingSent(raw)) return done()
    if (last) return finished(raw.resume(), () => done())
    reply.removeHeader('connection')
    done()
  })
})

/** Whether the body of a request is still incomplete. */
function isBeingSent ({ complete, headers }: IncomingMessage): boolean {
  return !complete && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)
}
