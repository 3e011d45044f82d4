import type { Server } from 'node:http'
import type { TLSSocket } from 'node:tls'

/**
 * Makes a server, with or without TLS, answer clients that close their end of the connection after sending a request, as
 * https://www.rfc-editor.org/rfc/rfc9293#section-3.6 allows. Node's server would close the other end as soon as it sees
 * that, and lose what is left of the answer.
 *
 * `httpAllowHalfOpen` is an undocumented property of Node's:
 * https://github.com/nodejs/node/blob/main/lib/_http_server.js, `socketOnEnd`
 */
export function answerHalfClosed (server: Server): void {
  Object.assign(server, { httpAllowHalfOpen: true })
  // Only after the handshake: a connection that ends during the handshake would stay open.
  server.on('secureConnection', (socket: TLSSocket) => { socket.allowHalfOpen = true })
}
