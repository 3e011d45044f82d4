import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * A free port of the loopback address, for a program that must be told one. It is below those that systems give to
 * connections and to who asks for any port, so nobody gets it meanwhile by chance.
 */
export async function freePort (): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    const server = createServer().listen(port, '127.0.0.1')
    const isFree = await once(server, 'listening').then(() => true, () => false)
    server.close()
    if (isFree) return port
  }
}
