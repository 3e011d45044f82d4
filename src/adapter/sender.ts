import { request as httpRequest, type Agent, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { addAbortSignal } from 'node:stream'
import { urlToHttpOptions } from 'node:url'
import { makeAgent, type Trust } from './agent.js'
import type { EventMessage } from './event.js'

/**
 * What came of an attempt to send: an answer, or an error that kept it from coming. It is stale when a connection that was
 * kept turned out to be closed.
 */
export type Result =
  | { statusCode: number, retryAfter: string | undefined, error?: never, stale?: never }
  | { error: NodeJS.ErrnoException, stale?: boolean, statusCode?: never, retryAfter?: never }

/** Sends an event once, unless the signal is aborted. Never throws. */
export type Send = (message: EventMessage, signal: AbortSignal) => Promise<Result>

/** What it takes to send. */
export interface SenderOptions {
  /** An http or https URL. */
  sink: URL
  /** Milliseconds that an attempt may take, all in all. */
  timeout: number
  /** Of the source; empty when it is not known. */
  namespace: string
  /** The bearer token of the moment, if there is one. */
  token: () => string | undefined
  /** Whom to trust at the moment, when the sink speaks https. */
  trust: Trust
  /** Opens the connections, where they do not go straight to the sink. */
  agent?: Agent | undefined
}

/**
 * Makes the function that sends events to a sink, over a connection that is kept open.
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

/** How long and how far an answer is read after its status, in milliseconds and bytes: the connection is kept if it ends in that. */
const longestRest = 1_000
const largestRest = 64 * 1024

/** Most answers that are read to their end at a time: each holds a connection. */
const mostRests = 8

/** The answers whose status is known and whose end is not, the oldest first. */
type Rests = Set<IncomingMessage>

/**
 * Reads what comes after the status of an answer, which nobody looks at. An answer that is too long or does not end, or
 * the oldest of too many, is cut off together with its connection.
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

/** One request and the status of its answer. */
function exchange (rests: Rests, request: typeof httpRequest, options: RequestOptions, body: string, timeout: number, signal: AbortSignal): Promise<Result> {
  return new Promise<Result>(resolve => {
    // The first of these that happens counts: once the status is here, whatever becomes of the rest.
    let isAnswered = false
    const outgoing = request(options, response => {
      isAnswered = true
      clearTimeout(timer)
      readRest(response, rests)
      resolve({ statusCode: response.statusCode as number, retryAfter: response.headers['retry-after'] })
    })
    // As one of the options, a request that cannot even be made would listen to it forever.
    addAbortSignal(signal, outgoing)
    const timer = setTimeout(() => outgoing.destroy(timeoutError(timeout)), timeout)
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve({ error: withoutDetail(error), stale: outgoing.reusedSocket && error.code === 'ECONNRESET' }))
    outgoing.on('close', () => {
      clearTimeout(timer)
      // An answer that switches to another protocol is none, and no error of Node's either.
      if (!isAnswered) resolve({ error: new Error('the connection was closed without an answer') })
    })
    outgoing.end(body)
  })
}

/** Takes off what Node hangs on an error and no log should have: the packet that is not HTTP, the server's whole certificate. */
function withoutDetail (error: Error): Error {
  for (const detail of ['rawPacket', 'cert']) Reflect.deleteProperty(error, detail)
  return error
}

function timeoutError (timeout: number): NodeJS.ErrnoException {
  return Object.assign(new Error(`no answer within ${timeout / 1000} s`), { code: 'ETIMEDOUT' })
}
