import type { Server, Socket } from 'node:net'

/** Where there are too many connections, this part of them makes way at a time, so that few looks are needed. */
const partThatMakesWay = 1 / 20

/** A connection, and what it had carried when it was looked at. */
interface Connection {
  address: string
  carried: number
  /** When something had last moved, as far as the looks tell; the time of `performance.now()`. */
  movedAt: number
}

/**
 * Bounds the connections of a server. Where there are more, those make way that have been still for the longest time, of
 * the address that has the most. A new connection is taken in any case, so that none is kept out by those that are there.
 *
 * @param most connections at a time
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

/** So many connections of the address that has the most, those first that have been still for the longest time. */
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
