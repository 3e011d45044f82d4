import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { createSecureContext } from 'node:tls'
import t, { type Test } from 'tap'
import { makeEvent, toMessage } from '../../src/adapter/event.js'
import { makeProxyAgent } from '../../src/adapter/proxy-agent.js'
import { proxyFor } from '../../src/adapter/proxy.js'
import { makeSender } from '../../src/adapter/sender.js'
import { makeCertificates } from '../certificates.js'
import { Program } from '../program.js'
import { content } from './content.js'
import { startSink } from './sink.js'
import { often, trigger } from './trigger.js'

const proxyOf = (url: string, env: Record<string, string>) => proxyFor(new URL(url), env)?.href

t.test('the variable of the scheme, in either case', async t => {
  t.equal(proxyOf('http://sink.example', { HTTP_PROXY: 'http://proxy:1' }), 'http://proxy:1/')
  t.equal(proxyOf('https://sink.example', { HTTPS_PROXY: 'http://proxy:1' }), 'http://proxy:1/')
  t.equal(proxyOf('http://sink.example', { http_proxy: 'http://proxy:1' }), 'http://proxy:1/')
  t.equal(proxyOf('http://sink.example', { HTTP_PROXY: 'http://upper', http_proxy: 'http://lower' }), 'http://upper/')
  t.equal(proxyOf('http://sink.example', { HTTP_PROXY: '', http_proxy: 'http://lower' }), 'http://lower/')
  t.equal(proxyOf('http://sink.example', { HTTP_PROXY: 'proxy:3128' }), 'http://proxy:3128/', 'without a scheme it is http')
  t.equal(proxyOf('http://sink.example', { HTTP_PROXY: 'https://user:pass@proxy' }), 'https://user:pass@proxy/')
  for (const env of [{}, { HTTPS_PROXY: 'http://proxy' }, { ALL_PROXY: 'http://proxy' }, { HTTP_PROXY: '' }]) t.equal(proxyOf('http://sink.example', env), undefined)
  for (const HTTP_PROXY of ['socks5://user:hush@proxy', 'http://', 'http://a:b:c']) t.throws(() => proxyOf('http://sink.example', { HTTP_PROXY }), { message: 'HTTP_PROXY must be an http or https URL' })
})

/* The cases of https://pkg.go.dev/golang.org/x/net/http/httpproxy */
t.test('NO_PROXY, as Go reads it', async t => {
  const table: Array<[noProxy: string, url: string, isExcluded: boolean]> = [
    ['*', 'http://sink.example', true],
    ['sink.example', 'http://sink.example', true],
    ['sink.example', 'http://a.sink.example', true],
    ['sink.example', 'http://asink.example', false],
    ['.sink.example', 'http://a.sink.example', true],
    ['.sink.example', 'http://sink.example', false],
    ['*.sink.example', 'http://a.sink.example', true],
    ['SINK.example', 'http://sink.EXAMPLE', true],
    ['sink.example.', 'http://sink.example', false],
    ['sink.example', 'http://sink.example.', true],
    ['sink.example:80', 'http://sink.example', true],
    ['sink.example:443', 'https://sink.example', true],
    ['sink.example:8080', 'http://sink.example', false],
    ['sink.example:8080', 'http://sink.example:8080', true],
    [' a.example , sink.example ,', 'http://sink.example', true],
    ['.svc,.cluster.local', 'http://event-display.default.svc.cluster.local', true],
    ['.svc', 'http://event-display.default.svc', true],
    ['10.0.0.0/8', 'http://10.1.2.3', true],
    ['10.0.0.0/8', 'http://11.1.2.3', false],
    ['10.1.2.3', 'http://10.1.2.3:8080', true],
    ['10.1.2.3:80', 'http://10.1.2.3:8080', false],
    ['10.0.0.0/99', 'http://10.1.2.3', false],
    ['10', 'http://10.1.2.3', false],
    ['10.0.0.0/8', 'http://sink.example', false],
    ['fd00::/8', 'http://[fd12::1]', true],
    ['fd00::1', 'http://[fd00::1]', true],
    ['[fd00::1]:80', 'http://[fd00::1]', true],
    ['[fd00::1]:81', 'http://[fd00::1]', false],
    ['fd00::/8', 'http://10.1.2.3', false],
    ['sink.example:http', 'http://sink.example', false],
    ['', 'http://localhost', true],
    ['', 'http://127.1.2.3', true],
    ['', 'http://[::1]:8080', true],
    ['', 'http://sink.example', false]
  ]
  for (const [NO_PROXY, url, isExcluded] of table) {
    t.equal(proxyOf(url, { HTTP_PROXY: 'http://proxy', HTTPS_PROXY: 'http://proxy', NO_PROXY }) === undefined, isExcluded, `${NO_PROXY}: ${url}`)
  }
})

/** A proxy that forwards every host to this machine, and records each request and each tunnel. */
async function startProxy (t: Test, port: number) {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`)
    const { pathname } = new URL(request.url as string)
    request.pipe(httpRequest({ host: '127.0.0.1', port, path: pathname, method: request.method, headers: request.headers }, answer => {
      response.writeHead(answer.statusCode as number)
      answer.pipe(response)
    }))
  })
  server.on('connect', (request, socket) => {
    seen.push(`CONNECT ${request.url}`)
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.pipe(upstream).pipe(socket)
    })
    for (const side of [socket, upstream]) side.on('error', () => {})
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://user:pass@127.0.0.1:${(server.address() as AddressInfo).port}`, seen }
}

const never = new AbortController().signal
const message = () => toMessage(makeEvent(content(), {}), '00-59a938795cbd299b7c0893a04114819c-c09c293b82f767ee-00')

t.test('requests to an http sink go through the proxy', async t => {
  const sink = await startSink(t)
  const proxy = await startProxy(t, Number(new URL(sink.url).port))
  const url = new URL('http://sink.example/path')
  const trust = () => createSecureContext()
  const send = makeSender({ sink: url, timeout: 60_000, namespace: 'demo', token: () => undefined, trust, agent: makeProxyAgent(url, trust, new URL(proxy.url)) })
  for (let i = 0; i < 2; i++) t.match(await send(message(), never), { statusCode: 202 })
  t.same(proxy.seen, Array(2).fill(`POST http://sink.example/path Basic ${Buffer.from('user:pass').toString('base64')}`))
  t.equal(sink.received[0]?.headers.host, 'sink.example')
})

t.test('an https sink is reached through a tunnel, with the same trust, and the connection is kept', async t => {
  const certificates = makeCertificates(t)
  const sink = await startSink(t, undefined, certificates.server)
  const proxy = await startProxy(t, Number(new URL(sink.url).port))
  let ca = makeCertificates(t).ca.cert
  const trust = () => createSecureContext({ ca })
  const url = new URL(sink.url)
  const send = makeSender({ sink: url, timeout: 60_000, namespace: 'demo', token: () => undefined, trust, agent: makeProxyAgent(url, trust, new URL(proxy.url)) })
  t.match(await send(message(), never), { error: { code: /SELF_SIGNED|UNABLE_TO_VERIFY/ } }, 'another CA')
  ca = certificates.ca.cert
  for (let i = 0; i < 3; i++) t.match(await send(message(), never), { statusCode: 202 })
  t.same(proxy.seen, Array(2).fill(`CONNECT ${url.host}`))
})

t.test('the process obeys its environment', async t => {
  const sink = await startSink(t)
  const proxy = await startProxy(t, Number(new URL(sink.url).port))
  const env = { ...often, K_SINK: 'http://sink.example/', HTTP_PROXY: proxy.url }
  for (const [index, from] of (['build', 'dist'] as const).entries()) {
    const process = new Program('adapter', env, { t, from })
    await process.logged(/^sending /)
    await trigger(process)
    await sink.nth(index)
    process.kill('SIGTERM')
    await process.ended()
    t.notMatch(JSON.stringify(process.logs), /pass/)
    sink.received.length = index + 1
  }
  const wrong = new Program('adapter', { ...env, HTTP_PROXY: 'socks5://user:pass@proxy' }, { t, from: 'build' })
  t.match(await wrong.ended(), { code: 1, stderr: '' })
  t.match(wrong.logs.map(({ msg }) => msg), ['HTTP_PROXY must be an http or https URL'])
  t.equal(wrong.logs.length, 1)
})
