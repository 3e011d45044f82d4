import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { TlsFiles } from '../../src/http/tls.js'
import { readRequest } from '../widget/widget.js'
import { makeCertificate } from '../certificates.js'
import { hookOptions } from '../hook-options.js'
import { until } from '../until.js'
import { makeLog, startHook } from './hook.js'

const body = JSON.stringify(readRequest('ready'))
const head = `POST /sync HTTP/1.1\r\nHost: hook\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n`

/** As in Metacontroller: idle connections are kept for 90 s, and a call may take 10 s. */
const client = { idle: 90_000, timeout: 10_000 }

async function post (port: number, agent: Agent) {
  const sent = request({ host: '127.0.0.1', port, path: '/sync', method: 'POST', agent, headers: { 'content-type': 'application/json' } })
  sent.end(body)
  const [response] = await once(sent, 'response') as [IncomingMessage]
  await text(response)
  return response
}

async function open (port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

const portOf = (url: string) => Number(new URL(url).port)

t.test('an idle connection is kept for longer than the client keeps it', async t => {
  const { app, url } = await startHook(t)
  t.ok(app.server.keepAliveTimeout > client.idle + client.timeout)
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const { headers } = await post(portOf(url), agent)
  t.match(headers, { connection: 'keep-alive', 'keep-alive': 'timeout=120' })
  // Node's default is 5 s.
  const socket = await open(portOf(url))
  socket.resume().write(`${head}\r\n${body}`)
  await setTimeout(8_000)
  t.equal(socket.readyState, 'open')
  socket.destroy()
})

t.test('a connection is retired after a number of requests, and no request is lost', async t => {
  const { app, url } = await startHook(t, { maxRequestsPerConnection: 10 })
  let connections = 0
  app.server.on('connection', () => { connections++ })
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  for (let sent = 0; sent < 95; sent++) {
    const { statusCode, headers } = await post(portOf(url), agent)
    if (statusCode !== 200) t.fail(`status ${statusCode}`)
    if ((headers.connection === 'close') !== (sent % 10 === 9)) t.fail(`request ${sent}: connection ${headers.connection}`)
  }
  t.equal(connections, 10)
})

t.test('a retired connection is closed, also if the client would go on', async t => {
  const { url } = await startHook(t, { maxRequestsPerConnection: 2 })
  const socket = await open(portOf(url))
  socket.write(`${head}\r\n${body}`.repeat(3))
  t.strictSame((await text(socket)).match(/HTTP\/1.1 .*|^connection: .*/gim), ['HTTP/1.1 200 OK', 'Connection: keep-alive', 'HTTP/1.1 200 OK', 'connection: close'])
})

t.test('a client that is refused while it writes can finish writing and read the answer', async t => {
  const size = 8 * 1024 * 1024
  const tooLarge = `${head.replace(/Content-Length: .*/, `Content-Length: ${size}`)}\r\n`
  const firstAnswer = async (socket: Socket) => String((await once(socket, 'data'))[0])

  const { url } = await startHook(t)
  const kept = await open(portOf(url))
  kept.write(tooLarge)
  t.match(await firstAnswer(kept), /^HTTP\/1.1 413 (?!.*connection: close)/is, 'at once')
  kept.write('x'.repeat(size))
  kept.write(`${head}Connection: close\r\n\r\n${body}`)
  t.match(await text(kept), /^HTTP\/1.1 200 /, 'and the connection still works')

  const { url: retiring, leaving } = await startHook(t, { maxRequestsPerConnection: 1 })
  for (const name of ['the last request of a connection', 'on the way out']) {
    const socket = await open(portOf(retiring))
    const answer = text(socket)
    socket.write(tooLarge)
    await setTimeout(50)
    t.equal(socket.bytesRead, 0, `${name}: not before the body has come`)
    socket.write('x'.repeat(size))
    t.match(await answer, /^HTTP\/1.1 413 .*connection: close/s, name)
    leaving.abort()
  }
  const gone = await open(portOf(retiring))
  gone.write(tooLarge)
  await setTimeout(50)
  gone.resetAndDestroy()
  t.match(await post(portOf(retiring), new Agent()), { statusCode: 200 })
})

t.test('a client that asks to close the connection also reads the answer', async t => {
  const { url } = await startHook(t)
  const size = 8 * 1024 * 1024
  for (const [version, more] of [['1.1', 'Connection: close\r\n'], ['1.0', '']] as const) {
    const socket = await open(portOf(url))
    const answer = text(socket)
    socket.write(head.replace('HTTP/1.1', `HTTP/${version}`).replace(/Content-Length: .*/, `Content-Length: ${size}`) + `${more}\r\n`)
    await setTimeout(50)
    t.equal(socket.bytesRead, 0, 'not before the body has come')
    socket.write('x'.repeat(size))
    t.match(await answer, /^HTTP\/1.1 413 .*connection: close/s, version)
  }
})

t.test('a request that waits behind another ends with their connection', async t => {
  const limits = { ...hookOptions().limits, maxConcurrentRequests: 20, maxConcurrentBytes: body.length }
  const { url, metrics } = await startHook(t, { limits, maxRequestsPerConnection: 2 })
  const isIdle = async () => /^widget_hook_requests_in_flight 0$/m.test(await metrics.registry.metrics())
  const request = `${head}\r\n${body}`
  const broken = request.replace('{', '[')
  for (let time = 0; time < 5; time++) {
    // Retired by the second answer; closed by the first, because its body is invalid; and reset.
    const ends = [request.repeat(5), broken.replace(/Content-Length.*/, 'Connection: close\r\n$&') + request.repeat(20), request.repeat(20)]
    for (const [index, bytes] of ends.entries()) {
      const socket = await open(portOf(url))
      socket.on('error', () => {}).write(bytes)
      if (index === 2) socket.resetAndDestroy()
      await text(socket).catch(() => {})
    }
  }
  await until(isIdle)
  t.match(await post(portOf(url), new Agent()), { statusCode: 200 })
})

t.test('slow senders are cut off within the client\'s timeout', async t => {
  const { url, lines } = await startHook(t)
  const ca = makeCertificate(t, 'ca', 'ca')
  const { cert, key } = makeCertificate(t, 'server', 'server', ca)
  const files = t.testdir({ cert, key })
  const tls = await startHook(t, { tls: new TlsFiles({ certFile: `${files}/cert`, keyFile: `${files}/key` }, makeLog().logger) })
  const slow: Record<string, [url: string, first: string, more: string]> = {
    'that say nothing': [url, '', ''],
    'that do not finish their headers': [url, head, 'X-More: and more\r\n'],
    'that do not finish their body': [url, `${head}\r\n`, ' '],
    'that are refused, and do not finish their body': [url, `${head.replace(/Content-Length: .*/, 'Content-Length: 8388608')}\r\n`, ' '],
    'that do not start a handshake': [tls.url, '', '']
  }
  await Promise.all(Object.entries(slow).map(async ([name, [url, first, more]]) => {
    const socket = await open(portOf(url))
    const start = performance.now()
    socket.on('error', () => {}).write(first)
    const timer = setInterval(() => socket.write(more), 500)
    const answer = await text(socket)
    clearInterval(timer)
    const took = performance.now() - start
    t.ok(took > 4_000, `${name}: ${took} ms`)
    if (url === tls.url) return t.equal(answer, '', name)
    t.match(answer, /^(HTTP\/1.1 413 .*"\})?HTTP\/1.1 408 Request Timeout\r\n.*Connection: close\r\n\r\n\{"error":"request: expected in full, got only a part in time"\}$/s, name)
  }))
  t.notOk(lines.some(({ level }) => level > 40))
})

t.test('an invalid request gets an answer that says so', async t => {
  const { url } = await startHook(t)
  const send = async (bytes: string) => {
    const socket = await open(portOf(url))
    socket.write(bytes)
    return await text(socket)
  }
  t.match(await send('\u0016\u0003\u0001\u0002\r\n\r\n'), /^HTTP\/1.1 400 Bad Request\r\n.*\{"error":"request: expected HTTP\/1.1"\}$/s)
  const reset = await open(portOf(url))
  reset.write(head)
  await send('GET / HTTP/1.1\r\nHost: hook\r\nConnection: close\r\n\r\n')
  reset.resetAndDestroy()
  t.match(await send(`GET / HTTP/1.1\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`), /^HTTP\/1.1 431 .*\{"error":"headers: too large"\}$/s)
})

t.test('during shutdown every answer closes its connection', async t => {
  const { url, leaving } = await startHook(t)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  t.equal((await post(portOf(url), agent)).headers.connection, 'keep-alive')
  leaving.abort()
  const last = await post(portOf(url), agent)
  t.match([last.statusCode, last.headers.connection], [200, 'close'])
  const another = await post(portOf(url), agent)
  t.match([another.statusCode, another.headers.connection], [200, 'close'], 'and new ones are still served')
})
