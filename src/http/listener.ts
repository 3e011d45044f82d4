import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { FastifyServerFactory } from 'fastify'
import { answerHalfClosed } from '../ops/half-closed.js'
import { limitConnections } from './connections.js'
import { finishAnswers } from './finish-answers.js'
import type { TlsFiles } from './tls.js'

/*
 * Connection settings of the hook's port. Metacontroller is a Go client: it times out a call after 10 s, and reuses a
 * connection that has been idle for up to 90 s (https://pkg.go.dev/net/http#DefaultTransport). Times are in milliseconds.
 */

/** Longer than the client's: a server that closes first may close during a POST, which Go does not retry. */
const keepAliveTimeout = 120_000

/** To receive the headers of a request, or the first bytes of a new connection. */
const headersTimeout = 5_000

/** To receive a whole request. With the check interval of a second, it is as long as the client waits for the answer. */
const requestTimeout = 9_000

/** How often Node checks the two timeouts above. */
const connectionsCheckingInterval = 1_000

/** For a client that neither reads its answer nor sends anything. */
const timeout = 10_000

/** For the TLS handshake. */
const handshakeTimeout = 5_000

/** Longest time that a request in progress can still take, and during shutdown its answer. */
export const longestRequest = requestTimeout + connectionsCheckingInterval

/**
 * Makes the Node servers behind a Fastify app, which asks for several if a name has several addresses.
 *
 * @param tls if undefined, they speak plain HTTP
 * @param maxConnections most open connections
 */
export function listener (tls: TlsFiles | undefined, maxConnections: number): FastifyServerFactory {
  return handler => {
    const listen = (request: IncomingMessage, response: ServerResponse) => {
      if (response.socket === null) endWithConnection(request, response)
      handler(request, response)
    }
    const options = { keepAliveTimeout, headersTimeout, requestTimeout, connectionsCheckingInterval }
    const server = tls === undefined
      ? http.createServer(options, listen)
      : https.createServer({ ...options, ...tls.serverOptions(), handshakeTimeout }, listen)
    if (server instanceof https.Server) tls?.follow(server)
    server.timeout = timeout
    // By default, Node 20 shows only 1,000 headers but still obeys the others: a Content-Length could go unseen.
    server.maxHeadersCount = 0
    answerHalfClosed(server)
    limitConnections(server, maxConnections)
    finishAnswers(server, longestRequest)
    return server
  }
}

/**
 * Closes an answer that waits behind another one when their connection ends: Node notifies only the answer whose turn it
 * is. https://github.com/nodejs/node/blob/main/lib/_http_server.js, `assignSocket`
 */
function endWithConnection ({ socket }: IncomingMessage, response: ServerResponse): void {
  const end = () => response.emit('close')
  socket.setMaxListeners(0).once('close', end)
  response.once('socket', () => socket.off('close', end))
}
