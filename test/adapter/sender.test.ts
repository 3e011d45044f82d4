import { defaultMaxListeners, getEventListeners, once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import t from 'tap'
import { makeAgent } from '../../src/adapter/agent.js'
import { makeEvent, toMessage } from '../../src/adapter/event.js'
import { makeSender, type SenderOptions } from '../../src/adapter/sender.js'
import { readToken } from '../../src/adapter/token.js'
import { makeTrust } from '../../src/adapter/trust.js'
import { makeCertificates } from '../certificates.js'
import { content } from './content.js'
import { makeLog } from './log.js'
import { startSink, type Answer } from './sink.js'

const certificates = makeCertificates(t)
const never = new AbortController().signal
const traceparent = '00-59a938795cbd299b7c0893a04114819c-c09c293b82f767ee-00'
const message = () => toMessage(makeEvent(content(), { team: 'Käse & "Brot"' }), traceparent)

function sender (url: string, options: Partial<SenderOptions> = {}) {
  return makeSender({ sink: new URL(url), timeout: 60_000, namespace: 'demo', token: () => undefined, trust: () => createSecureContext(), ...options })
}

t.test('one CloudEvent in binary mode, as specified', async t => {
  const sink = await startSink(t)
  const sent = makeEvent(content(), { team: 'Käse & "Brot"' })
  t.same(await sender(sink.url)(toMessage(sent, traceparent), never), { statusCode: 202, retryAfter: undefined })
  t.equal(sink.received.length, 1)
  const { event, headers } = await sink.nth(0)
  t.same(event.toJSON(), { ...sent.toJSON(), traceparent })
  t.match(headers, { 'kn-namespace': 'demo', host: new URL(sink.url).host, authorization: undefined })
})

t.test('no Kn-Namespace when it is not known', async t => {
  const sink = await startSink(t)
  await sender(sink.url, { namespace: '' })(message(), never)
  t.notOk('kn-namespace' in (await sink.nth(0)).headers)
})

t.test('to the path and with the credentials of the URL', async t => {
  const paths: unknown[] = []
  const sink = await startSink(t, () => response => {
    paths.push(response.req.url)
    response.end()
  })
  await sender(`${sink.url.replace('//', '//user:secret@')}a/b?c=d`)(message(), never)
  t.same(paths, ['/a/b?c=d'])
  t.equal((await sink.nth(0)).headers.authorization, `Basic ${Buffer.from('user:secret').toString('base64')}`)
})

t.test('connections are kept', async t => {
  for (const tls of [undefined, certificates.server]) {
    const sink = await startSink(t, () => response => response.end('with a body'), tls)
    const send = sender(sink.url, { trust: () => createSecureContext({ ca: certificates.ca.cert }) })
    for (let i = 0; i < 3; i++) t.match(await send(message(), never), { statusCode: 200 })
    t.same(sink.received.map(({ connection }) => connection), [0, 0, 0])
  }
})

t.test('a closed kept connection differs from a failed connect', async t => {
  const sink = await startSink(t, index => index === 1 ? 'reset' : index === 3 ? 'silence' : 202)
  const agent = makeAgent(new URL(sink.url), () => createSecureContext())
  const [send, hasty] = [sender(sink.url, { agent }), sender(sink.url, { agent, timeout: 200 })]
  t.match(await send(message(), never), { statusCode: 202 })
  t.match(await send(message(), never), { error: { code: 'ECONNRESET' }, stale: true })
  t.match(await send(message(), never), { statusCode: 202 })
  t.match(await hasty(message(), never), { error: { code: 'ETIMEDOUT' }, stale: false }, 'a timeout has another reason')
})

t.test('the current token', async t => {
  const sink = await startSink(t)
  const path = join(t.testdir(), 'token')
  const send = sender(sink.url, { token: () => readToken(path) })
  await send(message(), never)
  writeFileSync(path, 'first')
  await send(message(), never)
  writeFileSync(path, 'other')
  await send(message(), never)
  t.same(sink.received.map(({ headers }) => headers.authorization), [undefined, 'Bearer first', 'Bearer other'])
})

t.test('a token that cannot be read or sent is an error', async t => {
  const sink = await startSink(t)
  t.match(await sender(sink.url, { token: () => readToken(t.testdir()) })(message(), never), { error: { code: 'EISDIR' } })
  t.match(await sender(sink.url, { token: () => 'two\nlines' })(message(), never), { error: { code: 'ERR_INVALID_CHAR' } })
  t.equal(sink.received.length, 0)
})

t.test('a request leaves no listener and no timer behind, sent or not', async t => {
  const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  const before = timers()
  const sink = await startSink(t)
  const { signal } = new AbortController()
  const trust = () => { throw new Error('no trust') }
  // More often than other tests of this process can have timers.
  const times = 100
  for (let time = 0; time < times; time++) {
    await sender(sink.url)(message(), signal)
    const [invalid, distrusting] = [await sender(sink.url, { token: () => 'two\nlines' })(message(), signal), await sender('https://127.0.0.1', { trust })(message(), signal)]
    if (time === 0) t.match([invalid, distrusting], [{ error: { code: 'ERR_INVALID_CHAR' } }, { error: { message: 'no trust' } }])
  }
  t.equal(getEventListeners(signal, 'abort').length, 0)
  t.ok(timers() - before < times, `${timers()} timers, ${before} before`)
})

t.test('https with a private CA', async t => {
  const sink = await startSink(t, undefined, certificates.server)
  t.match(await sender(sink.url)(message(), never), { error: { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' } })
  const other = makeCertificates(t)
  const { logger } = makeLog()
  const directory = t.testdir({ 'a.pem': other.ca.cert })
  const send = sender(sink.url, { trust: makeTrust([], directory, logger) })
  t.match(await send(message(), never), { error: { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' } }, 'another CA')
  t.equal(sink.received.length, 0)
  writeFileSync(join(directory, 'b.pem'), certificates.ca.cert)
  t.match(await send(message(), never), { statusCode: 202 }, 'added while running')
  t.match(await sender(sink.url, { trust: makeTrust([certificates.ca.cert], '/nowhere', logger) })(message(), never), { statusCode: 202 })
})

t.test('https with a certificate of another host', async t => {
  const sink = await startSink(t, undefined, certificates.server)
  const url = sink.url.replace('127.0.0.1', '0.0.0.0')
  const { error } = await sender(url, { trust: () => createSecureContext({ ca: certificates.ca.cert }) })(message(), never)
  t.match(error, { code: 'ERR_TLS_CERT_ALTNAME_INVALID', cert: undefined })
  t.equal(sink.received.length, 0)
})

t.test('every answer is a result', async t => {
  const statuses = [200, 204, 301, 400, 401, 404, 408, 500, 503]
  const sink = await startSink(t, index => statuses[index] ?? (response => response.writeHead(429, { 'Retry-After': '7' }).end()))
  const send = sender(sink.url)
  for (const statusCode of statuses) t.same(await send(message(), never), { statusCode, retryAfter: undefined })
  t.same(await send(message(), never), { statusCode: 429, retryAfter: '7' })
})

t.test('the status counts at once, whatever happens to the rest of the answer', async t => {
  const sink = await startSink(t, index => response => {
    response.writeHead(202, { 'Content-Length': 1000 }).write('too little')
    if (index === 0) setTimeout(() => response.destroy(), 20)
  })
  const send = sender(sink.url, { timeout: 3600_000 })
  t.match(await send(message(), never), { statusCode: 202 }, 'broken off')
  t.match(await send(message(), never), { statusCode: 202 }, 'never ended')
})

t.test('an answer that stalls or is too long costs only its connection', async t => {
  const closed: Array<Promise<unknown>> = []
  const sink = await startSink(t, index => response => {
    closed.push(once(response, 'close'))
    response.writeHead(200)
    // The first stalls, the second is more than is read.
    if (index === 0) response.write('a')
    else if (index === 1) response.write('a'.repeat(1_000_000))
    else response.end('a')
  })
  const send = sender(sink.url, { timeout: 3600_000 })
  for (let i = 0; i < 2; i++) t.match(await send(message(), never), { statusCode: 200 })
  await Promise.all(closed)
  for (let i = 0; i < 2; i++) t.match(await send(message(), never), { statusCode: 200 })
  t.same(sink.received.map(({ connection }) => connection), [0, 1, 2, 2], 'the next one is kept')
})

t.test('it waits for only a few unfinished answers at a time', async t => {
  let open = 0
  let most = 0
  const sink = await startSink(t, () => response => {
    most = Math.max(most, ++open)
    response.on('close', () => { open-- }).writeHead(200).write('a')
  })
  const send = sender(sink.url, { timeout: 3600_000 })
  const { signal } = new AbortController()
  let listeners = 0
  for (let i = 0; i < 100; i++) {
    t.match(await send(message(), signal), { statusCode: 200 })
    listeners = Math.max(listeners, getEventListeners(signal, 'abort').length)
  }
  t.ok(most < 20, `${most} connections`)
  // Node warns of a leak if there are more.
  t.ok(listeners <= defaultMaxListeners, `${listeners} listeners`)
})

t.test('no answer is an error', async t => {
  const answers: Answer[] = ['reset', 'silence', 'silence', response => response.socket?.end('this is not HTTP'), response => response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n')]
  const sink = await startSink(t, index => answers[index] ?? 202)
  const send = sender(sink.url)
  t.match(await send(message(), never), { error: { code: 'ECONNRESET' }, stale: false }, 'reset')
  t.match(await sender(sink.url, { timeout: 200 })(message(), never), { error: { code: 'ETIMEDOUT', message: 'no answer within 0.2 s' } }, 'timeout')
  const abort = new AbortController()
  const waiting = send(message(), abort.signal)
  await sink.nth(2)
  abort.abort()
  t.match(await waiting, { error: { name: 'AbortError' } }, 'aborted')
  t.match(await send(message(), abort.signal), { error: { name: 'AbortError' } }, 'aborted before')
  t.match(await send(message(), never), { error: { code: /^HPE_/, rawPacket: undefined } }, 'not HTTP')
  t.match(await send(message(), never), { error: { message: 'the connection was closed without an answer' } }, 'another protocol')
  t.match(await send(message(), never), { statusCode: 202 }, 'after all that')
})

t.test('a refused connection, an unknown host', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  t.match(await sender(`http://127.0.0.1:${port}`)(message(), never), { error: { code: 'ECONNREFUSED' } })
  t.match(await sender('http://sink.invalid')(message(), never), { error: { code: /^(ENOTFOUND|EAI_AGAIN)$/ } })
})
