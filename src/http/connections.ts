import type { Server, Socket } from 'node:net'

/** The share of connections to close when there are too many, so that this check is rarely needed. */
const partThatMakesWay = 1 / 20

/** A connection, and the bytes it had carried at the last check. */
interface Connection {
  address: string
  carried: number
  /** When it was last seen to carry anything, by `performance.now()`. */
  movedAt: number
}

/**
 * Limits the connections of a server. When there are too many, it closes the longest idle ones of the address that has
 * the most. New connections are always accepted, so existing ones cannot keep them out.
 *
 * @param most maximum number of open connections
 */
export function limitConnections (server: Server, most: number): void {
  const connections = new Map<Socket, Connection>()
  const group = Math.ceil(most * partThatMakesWay)

  server.on('connection', socket => {
    if (connections.size >= most) {
      for (const still of stillest(connections, group)) {
        connections.delete(still)
        still.destroy()
      }
    }
    connections.set(socket, { address: String(socket.remoteAddress), carried: 0, movedAt: performance.now() })
    socket.once('close', () => connections.delete(socket))
  })
}

/** The longest idle connections of the address that has the most, up to a number. */
function stillest (connections: Map<Socket, Connection>, count: number): Socket[] {
  const byAddress = new Map<string, Array<[Socket, Connection]>>()
  for (const entry of connections) {
    look(...entry)
    const { address } = entry[1]
    const others = byAddress.get(address)
    if (others === undefined) byAddress.set(address, [entry])
    else others.push(entry)
  }
  const most = [...byAddress.values()].reduce((one, other) => other.length > one.length ? other : one)
  return most.toSorted(([, one], [, other]) => one.movedAt - other.movedAt).slice(0, count).map(([socket]) => socket)
}

function look (socket: Socket, connection: Connection): void {
  const carried = socket.bytesRead + socket.bytesWritten
  if (carried === connection.carried) return
  connection.carried = carried
  connection.movedAt = performance.now()
}
