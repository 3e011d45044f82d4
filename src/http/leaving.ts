import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { finished } from 'node:stream'
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
 *
 * Who is cut off while he writes may never read the answer. So one that is given before the body has come keeps the
 * connection open, and the last (also for a caller who asked for no more) waits for the rest of the body; either throws
 * that away, for as long as a request may take.
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

/** Tells whether a request has a body that has not come in full yet. */
function isBeingSent ({ complete, headers }: IncomingMessage): boolean {
  return !complete && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)
}
