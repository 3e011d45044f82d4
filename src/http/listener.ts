import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import https from 'node:https'
import type { FastifyServerFactory } from 'fastify'
import { answerHalfClosed } from '../ops/half-closed.js'
import { limitConnections } from './connections.js'
import { finishAnswers } from './finish-answers.js'
import type { TlsFiles } from './tls.js'

/*
 * How the hook's port treats connections. Metacontroller is a Go client: it gives a call 10 s, and reuses a connection
 * that has been idle for up to 90 s (https://pkg.go.dev/net/http#DefaultTransport). All times in milliseconds.
 */

/** Longer than the client's: a server that closes first can close on a POST under way, which Go does not send again. */
const keepAliveTimeout = 120_000

/** For the headers of a request, or for a new connection to say anything. */
const headersTimeout = 5_000

/** For a whole request: with the second that may pass until it is noticed, as long as the client waits for the answer. */
const requestTimeout = 9_000

/** How often connections are looked at for the two above. */
const connectionsCheckingInterval = 1_000

/** For a caller that takes nothing of its answer, or brings nothing. */
const timeout = 10_000

/** For the handshake of TLS. */
const handshakeTimeout = 5_000

/** How long a request that has begun can still take, and on the way out its answer. */
export const longestRequest = requestTimeout + connectionsCheckingInterval

/**
 * Makes the Node servers behind a Fastify app; it asks for more than one where a name has several addresses.
 *
 * @param tls without, they speak plain HTTP
 * @param maxConnections the most that there are at a time
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
    // Without, Node 20 shows 1,000 headers, and obeys the others too: a Content-Length would not be seen.
    server.maxHeadersCount = 0
    answerHalfClosed(server)
    limitConnections(server, maxConnections)
    finishAnswers(server, longestRequest)
    return server
  }
}

/**
 * Has an answer that waits behind another one of the same connection hear of that connection's end: Node tells only the
 * answer whose turn it is. https://github.com/nodejs/node/blob/main/lib/_http_server.js, `assignSocket`
 */
function endWithConnection ({ socket }: IncomingMessage, response: ServerResponse): void {
  const end = () => response.emit('close')
  socket.setMaxListeners(0).once('close', end)
  response.once('socket', () => socket.off('close', end))
}
