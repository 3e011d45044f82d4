import { request as httpRequest, type Agent, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { addAbortSignal } from 'node:stream'
import { urlToHttpOptions } from 'node:url'
import { makeAgent, type Trust } from './agent.js'
import type { EventMessage } from './event.js'

/**
 * Result of an attempt to send: an answer, or the error that prevented one. It is stale if a kept-alive connection
 * turned out to be closed.
 */
export type Result =
  | { statusCode: number, retryAfter: string | undefined, error?: never, stale?: never }
  | { error: NodeJS.ErrnoException, stale?: boolean, statusCode?: never, retryAfter?: never }

/** Sends an event once, unless the signal is aborted. Never throws. */
export type Send = (message: EventMessage, signal: AbortSignal) => Promise<Result>

/** The options of {@link makeSender}. */
export interface SenderOptions {
  /** An http or https URL. */
  sink: URL
  /** Timeout of an attempt, in milliseconds. */
  timeout: number
  /** Namespace of the source; empty when it is not known. */
  namespace: string
  /** The current bearer token, if there is one. */
  token: () => string | undefined
  /** What to trust now, if the sink uses https. */
  trust: Trust
  /** Opens the connections, if not directly to the sink. */
  agent?: Agent | undefined
}

/**
 * Makes the function that sends events to a sink over a connection that is kept open.
 */
export function makeSender ({ sink, timeout, namespace, token, trust, agent = makeAgent(sink, trust) }: SenderOptions): Send {
  const request = sink.protocol === 'https:' ? httpsRequest : httpRequest
  const rests: Rests = new Set()
  const target = { ...urlToHttpOptions(sink), agent, method: 'POST' }

  return async ({ headers, body }, signal) => {
    try {
      return await exchange(rests, request, { ...target, headers: { ...headers, ...knativeHeaders(namespace, token()) } }, body, timeout, signal)
    } catch (error) {
      return { error: error as NodeJS.ErrnoException }
    }
  }
}

function knativeHeaders (namespace: string, token: string | undefined): Record<string, string> {
  return {
    ...(namespace && { 'Kn-Namespace': namespace }),
    ...(token !== undefined && { Authorization: `Bearer ${token}` })
  }
}

/** Limits for reading the rest of an answer, in milliseconds and bytes. An answer within them keeps the connection. */
const longestRest = 1_000
const largestRest = 64 * 1024

/** Most answers whose rest is read at a time: each holds a connection. */
const mostRests = 8

/** Answers whose status is known but whose end is not, oldest first. */
type Rests = Set<IncomingMessage>

/**
 * Reads and discards the rest of an answer. If an answer is too long or does not end, or if there are too many, the
 * connection of that answer, or of the oldest one, is closed.
 */
function readRest (response: IncomingMessage, rests: Rests): void {
  let length = 0
  const cutOff = () => response.destroy()
  const timer = setTimeout(cutOff, longestRest)
  response.on('error', () => {})
    .on('data', (chunk: Buffer) => { if ((length += chunk.length) > largestRest) cutOff() })
    .on('close', () => {
      clearTimeout(timer)
      rests.delete(response)
    })
  rests.add(response)
  const [oldest] = rests
  if (rests.size > mostRests) oldest?.destroy()
}

/** Sends one request and returns the status of its answer. */
function exchange (rests: Rests, request: typeof httpRequest, options: RequestOptions, body: string, timeout: number, signal: AbortSignal): Promise<Result> {
  return new Promise<Result>(resolve => {
    // The first outcome counts: once the status is known, later errors do not matter.
    let isAnswered = false
    const outgoing = request(options, response => {
      isAnswered = true
      clearTimeout(timer)
      readRest(response, rests)
      resolve({ statusCode: response.statusCode as number, retryAfter: response.headers['retry-after'] })
    })
    // Not as a request option: a request that cannot be created would keep listening to it forever.
    addAbortSignal(signal, outgoing)
    const timer = setTimeout(() => outgoing.destroy(timeoutError(timeout)), timeout)
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve({ error: withoutDetail(error), stale: outgoing.reusedSocket && error.code === 'ECONNRESET' }))
    outgoing.on('close', () => {
      clearTimeout(timer)
      // An answer that switches protocols is not an answer, but Node reports no error for it.
      if (!isAnswered) resolve({ error: new Error('the connection was closed without an answer') })
    })
    outgoing.end(body)
  })
}

/** Removes what Node attaches to an error and no log should contain: packets that are not HTTP, the server's certificate. */
function withoutDetail (error: Error): Error {
  for (const detail of ['rawPacket', 'cert']) Reflect.deleteProperty(error, detail)
  return error
}

function timeoutError (timeout: number): NodeJS.ErrnoException {
  return Object.assign(new Error(`no answer within ${timeout / 1000} s`), { code: 'ETIMEDOUT' })
}
