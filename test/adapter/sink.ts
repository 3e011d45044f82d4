import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { HTTP, type CloudEvent } from 'cloudevents'
import type { Test } from 'tap'

/** A received event. */
export interface Received {
  event: CloudEvent<Record<string, any>>
  headers: IncomingMessage['headers']
  /** The body, unchanged. */
  text: string
  /** The number of its connection: 0, 1, … */
  connection: number
}

/** What a sink does with an event: answers with a status, resets the connection, or never answers. */
export type Answer = number | 'reset' | 'silence' | ((response: ServerResponse) => void)

/** A sink for CloudEvents that accepts only events that match the specification. */
export interface Sink {
  url: string
  received: Received[]
  /** Waits for the event with this index. */
  nth: (n: number) => Promise<Received>
}

/**
 * Starts a sink.
 *
 * @param t the test, which ends the sink and fails if an event does not match the specification
 * @param answer to the event at an index; default: 202 for each
 * @param tls options for https
 */
export async function startSink (t: Test, answer: (index: number) => Answer | Promise<Answer> = () => 202, tls?: { key: string, cert: string }): Promise<Sink> {
  const received: Received[] = []
  const complaints: string[] = []
  const connections: unknown[] = []
  const server = tls === undefined ? createHttpServer(handle) : createHttpsServer(tls, handle)
  // As long as most servers in a cluster, so that a connection is not closed while the sender keeps it.
  server.keepAliveTimeout = 60_000

  async function handle (request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!connections.includes(request.socket)) connections.push(request.socket)
    const body = await text(request)
    let event
    try {
      event = decode(request, body)
    } catch (error) {
      complaints.push(String(error))
      response.writeHead(422).end()
      return
    }
    const index = received.push({ event, headers: request.headers, text: body, connection: connections.indexOf(request.socket) }) - 1
    const chosen = await answer(index)
    if (chosen === 'silence') return
    if (chosen === 'reset') request.socket.resetAndDestroy()
    else if (typeof chosen === 'function') chosen(response)
    else response.writeHead(chosen).end()
  }

  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
    if (complaints.length > 0) throw new Error(`events were not as specified: ${complaints.join('; ')}`)
  })
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received,
    async nth (n) {
      for (;;) {
        const found = received[n]
        if (found !== undefined) return found
        if (complaints.length > 0) throw new Error(complaints.join('; '))
        await new Promise(resolve => setTimeout(resolve, 5))
      }
    }
  }
}

/**
 * Reads an event in the binary mode of the HTTP binding with the SDK, and first checks what the SDK does not.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 */
function decode (request: IncomingMessage, body: string): Received['event'] {
  const { method, headers, rawHeaders } = request
  demand(method === 'POST', 'the method is POST')
  demand(headers['content-type'] === 'application/json', 'the content type is that of the data')
  demand(headers['content-length'] === String(Buffer.byteLength(body)), 'the length of the data is given')
  JSON.parse(body)

  const names = rawHeaders.filter((_, index) => index % 2 === 0).map(name => name.toLowerCase())
  demand(new Set(names).size === names.length, 'no header comes twice')
  const attributes = Object.entries(headers).filter(([name]) => name.startsWith('ce-')) as Array<[string, string]>
  for (const [name, value] of attributes) {
    demand(/^ce-[a-z0-9]+$/.test(name), `${name} consists of lower-case letters and digits`)
    demand(/^(?:[!#$&-~]|%[0-9A-F]{2})*$/.test(value), `${name} is percent-encoded`)
  }
  const decoded = Object.fromEntries(attributes.map(([name, value]) => [name, decodeURIComponent(value)]))

  demand(decoded['ce-specversion'] === '1.0', 'the version is 1.0')
  for (const name of ['ce-id', 'ce-source', 'ce-type']) demand(decoded[name], `${name} is there`)
  demand(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(decoded['ce-time'] ?? ''), 'ce-time is a timestamp of RFC 3339')
  demand(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/.test(decoded['ce-traceparent'] ?? ''), 'ce-traceparent is a traceparent')
  demand(headers['traceparent'] === decoded['ce-traceparent'], 'the trace goes on in the header traceparent')
  for (const name of ['ce-datacontenttype', 'ce-data', 'ce-data_base64']) demand(!(name in decoded), `${name} is not there`)

  const event = HTTP.toEvent<Record<string, any>>({ headers: { ...headers, ...decoded }, body }) as Received['event']
  event.validate()
  return event
}

function demand (truth: unknown, what: string): void {
  if (!truth) throw new Error(`expected that ${what}`)
}
