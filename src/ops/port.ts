import { createServer, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { answerHalfClosed } from './half-closed.js'

/*
 * A port for the kubelet and Prometheus, in both programs, protected against clients that only hold connections open. It
 * is separate from `http/` and `adapter/`, because these must not depend on each other. Times are in milliseconds, and the
 * same as those of the hook's port.
 */

/** To receive the headers of a request, or the first bytes of a new connection. */
const headersTimeout = 5_000

/** To receive a whole request. */
const requestTimeout = 9_000

/** How often Node checks the two timeouts above. */
const connectionsCheckingInterval = 1_000

/** Longer than Prometheus' default interval of a minute between two scrapes. */
const keepAliveTimeout = 120_000

/** Without a byte in either direction. For an answer that nobody reads, Node waits twice this time. */
const silenceTimeout = 5_000

/**
 * Most open connections. More than the backlog of a listening socket (511), so that of connections that arrive together,
 * none is closed before it is read.
 */
const mostConnections = 512

/**
 * Makes the server of such a port; it is not listening yet. When there are too many connections, the one that has been
 * idle longest is closed: Node's own `maxConnections` would reject the new one, which may be a probe. A client that sends
 * another request before it has its answer is disconnected: neither the kubelet nor Prometheus does that, and Node would
 * queue as many answers as fit into 64 KiB of requests.
 */
export function makePort (handler: RequestListener): Server {
  const timeouts = { headersTimeout, requestTimeout, connectionsCheckingInterval, keepAliveTimeout }
  /** In the order in which they were last active. */
  const connections = new Set<Socket>()
  const server = createServer(timeouts, (request, response) => {
    const { socket } = request
    // Without a socket, it waits for the answer before it.
    if (response.socket === null) return socket.destroy()
    if (connections.delete(socket)) connections.add(socket)
    handler(request, response)
  })
  server.timeout = silenceTimeout
  answerHalfClosed(server)
  return server.on('connection', socket => {
    const [longestSilent] = connections
    if (longestSilent !== undefined && connections.size >= mostConnections) {
      connections.delete(longestSilent)
      longestSilent.destroy()
    }
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
}
