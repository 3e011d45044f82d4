import type { Server } from 'node:http'
import type { TLSSocket } from 'node:tls'

/**
 * Has a server, with TLS or without, answer callers that close their end of the connection once they have sent a request,
 * as https://www.rfc-editor.org/rfc/rfc9293#section-3.6 allows. Node's server closes the other end as soon as it reads
 * that, and whatever of the answer is not yet written is lost.
 *
 * `httpAllowHalfOpen` is a property of Node's own, without documentation:
 * https://github.com/nodejs/node/blob/main/lib/_http_server.js, `socketOnEnd`
 */
export function answerHalfClosed (server: Server): void {
  Object.assign(server, { httpAllowHalfOpen: true })
  // Not before the handshake is done: a connection that ends in it would stay.
  server.on('secureConnection', (socket: TLSSocket) => { socket.allowHalfOpen = true })
}
