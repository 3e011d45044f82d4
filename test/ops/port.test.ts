import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RequestListener } from 'node:http'
import t, { type Test } from 'tap'
import { makePort } from '../../src/ops/port.js'
import { until } from '../until.js'

// These tests only wait most of the time.
t.jobs = 3

const get = 'GET / HTTP/1.1\r\nHost: ops\r\n\r\n'

/** A port that listens until the test ends. */
async function listen (t: Test, handler: RequestListener) {
  const server = makePort(handler).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    server,
    open: async (bytes: string): Promise<Socket> => {
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {})
      await once(socket, 'connect')
      socket.write(bytes)
      return socket
    },
    connections: async () => await new Promise<number>(resolve => server.getConnections((_, count) => resolve(count)))
  }
}

t.test('a client that does not read its answer is cut off', { buffered: true }, async t => {
  const { open, connections } = await listen(t, (_, response) => response.end(Buffer.alloc(64 * 1024 * 1024)))
  const socket = await open(get)
  await until(async () => await connections() === 1)
  const start = performance.now()
  await until(async () => await connections() === 0)
  t.ok(performance.now() - start > 4_000, 'not before he had time')
  socket.destroy()
})

t.test('a connection is kept between two scrapes', { buffered: true }, async t => {
  const { open } = await listen(t, (_, response) => response.end('metrics'))
  const socket = await open(get)
  let answers = ''
  socket.setEncoding('utf8').on('data', text => { answers += text })
  await sleep(15_000)
  socket.write(get)
  await until(() => answers.split('metrics').length === 3)
  t.equal(socket.readyState, 'open')
  socket.destroy()
})

t.test('pipelined requests get no answer and cost no work', { buffered: true }, async t => {
  let handled = 0
  const { open } = await listen(t, (_, response) => {
    handled++
    setTimeout(() => response.end('metrics'), 50)
  })
  t.equal(await text(await open(get.repeat(1_000))).catch(() => ''), '')
  t.equal(handled, 1)
  t.match(await text(await open(get.replace('Host', 'Connection: close\r\nHost'))), /^HTTP\/1.1 200 OK.*metrics/s, 'the next is served')
})

t.test('a client that half-closes after the request gets its answer', { buffered: true }, async t => {
  const { open } = await listen(t, (_, response) => setTimeout(() => response.end('metrics'), 50))
  t.match(await text((await open(get)).end()), /^HTTP\/1.1 200 OK.*metrics/s)
})

t.test('with too many connections, the one that has been idle the longest is closed', { buffered: true }, async t => {
  const { open, connections } = await listen(t, (_, response) => response.end('metrics'))
  // Each is answered once, so that it may stay, and before the next, so that their order is known.
  const ask = async (socket: Socket) => {
    socket.write(get)
    return String((await once(socket, 'data'))[0])
  }
  const sockets: Socket[] = []
  for (let index = 0; index < 512; index++) {
    const socket = await open('')
    sockets.push(socket)
    await ask(socket)
  }
  t.equal(await connections(), 512)
  const [first, second, third] = sockets as [Socket, Socket, Socket]
  await ask(first)
  const next = await open('')
  t.match(await ask(next), /^HTTP\/1.1 200 OK/)
  await until(() => second.closed)
  t.strictSame([first.readyState, third.readyState], ['open', 'open'])
  for (const socket of [...sockets, next]) socket.destroy()
})
