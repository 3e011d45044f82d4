import { createServer, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { answerHalfClosed } from './half-closed.js'

/*
 * A port that the kubelet and Prometheus ask, of either program: what both have to hold against somebody who only holds
 * connections. It is below `http/` and `adapter/`, for neither may know the other. All times in milliseconds, and the same
 * as those of the hook's port.
 */

/** For the headers of a request, or for a new connection to say anything. */
const headersTimeout = 5_000

/** For a whole request. */
const requestTimeout = 9_000

/** How often connections are looked at for the two above. */
const connectionsCheckingInterval = 1_000

/** Longer than the minute that Prometheus lets pass between two scrapes unless it is told otherwise. */
const keepAliveTimeout = 120_000

/** Without a byte in either direction. Node grants an answer that nobody reads this time twice. */
const silenceTimeout = 5_000

/**
 * Most connections at a time. More than the backlog of a listening socket (511), so that of those that come in together
 * none makes way before it is read.
 */
const mostConnections = 512

/**
 * Makes the server of such a port; it is not listening yet. Where there are too many connections, the one that has asked
 * for nothing the longest makes way: Node's own `maxConnections` would turn away the newcomer, and that is the probe. Who
 * asks again before he has his answer is cut off: neither the kubelet nor Prometheus does, and Node would have as many
 * answers wait behind one another as fit into 64 KiB of requests.
 */
export function makePort (handler: RequestListener): Server {
  const timeouts = { headersTimeout, requestTimeout, connectionsCheckingInterval, keepAliveTimeout }
  /** In the order in which they were last heard of. */
  const connections = new Set<Socket>()
  const server = createServer(timeouts, (request, response) => {
    const { socket } = request
    // Without one it waits for the answer before it.
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
