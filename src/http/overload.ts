import underPressure from '@fastify/under-pressure'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { httpError } from './errors.js'
import { Exchange } from './exchange.js'
import type { Metrics } from './metrics.js'
import { Room } from './room.js'
import { Turns } from './turns.js'

/** The limits of a server; Metacontroller alone reaches none of them. */
export interface OverloadLimits {
  /** Maximum number of requests in progress. */
  maxConcurrentRequests: number
  /** Maximum total size of large bodies, in bytes; further ones wait. */
  maxConcurrentBytes: number
  /** Longest average delay of the event loop, in milliseconds. */
  maxEventLoopDelayMs: number
  /** Most memory of the process (resident set), in bytes; 0 for no limit. */
  maxMemoryBytes: number
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null until the request is admitted. */
    exchange: Exchange | null
  }
}

/**
 * The default memory limit: nine tenths of the container's.
 *
 * @param constrained from `process.constrainedMemory()`
 * @param total of the machine
 * @returns 0 if the container has no limit
 */
export function memoryLimit (constrained: number, total: number): number {
  return constrained > 0 && constrained < total ? Math.floor(constrained * 0.9) : 0
}

/**
 * The share of `maxConcurrentBytes` that a body gets without waiting, as each of `maxConcurrentRequests` may. By default
 * it is 256 KiB, far more than an ordinary source needs.
 */
const smallBody = 1 / 64

/** Range of `Retry-After`, in seconds; random, so that rejected callers do not all return together. */
const retryAfter = { least: 1, most: 5 }

/** How long a body waits for room, in milliseconds: short enough for the client to get its answer in time. */
const longestWait = 2_000

/** How often the current requests are checked, in milliseconds. */
const lookInterval = 100

/** A request that makes no progress for so many checks, and holds room that others wait for, is closed. */
const mostStillLooks = 5

/** How often the log reports refused requests, in milliseconds. */
const logInterval = 10_000

/**
 * Answers 429 under overload. Metacontroller then calls again after `Retry-After`, and creates no Event.
 *
 * - Late event loop, or too much memory: the new request is answered 429 before its body is read.
 * - Too many requests: the one that has been idle longest, of the caller that has the most, is refused.
 * - Too many bytes: a small body never waits. A large one waits, with only its first part read, before it gets 429.
 *   A request that holds room and makes no progress is closed while others wait.
 *
 * If no other request is in progress, a request is always admitted: only finished work frees memory.
 */
export const overload = fastifyPlugin(async (app: FastifyInstance, { limits, bodyLimit, metrics }: { limits: OverloadLimits, bodyLimit: number, metrics: Metrics }) => {
  const { maxConcurrentRequests, maxConcurrentBytes, maxEventLoopDelayMs, maxMemoryBytes } = limits
  const room = new Room(maxConcurrentBytes, longestWait)
  const turns = new Turns()
  const exchanges = new Map<Exchange, FastifyReply>()
  let timer: NodeJS.Timeout | undefined
  let logged = -Infinity

  function refusal (reply: FastifyReply, reason: string): Error {
    metrics.shedRequests.inc({ reason })
    if (performance.now() - logged > logInterval) {
      logged = performance.now()
      reply.log.warn({ reason, requests: exchanges.size }, 'overloaded: requests are answered 429')
    }
    reply.header('retry-after', retryAfter.least + Math.floor(Math.random() * (retryAfter.most - retryAfter.least + 1)))
    return httpError(429, 'overloaded')
  }

  /** What exceeds its limit, so that no further request can be admitted. */
  function excess (): string | undefined {
    const { eventLoopDelay, rssBytes } = app.memoryUsage()
    // Infinite if nothing was measured: a single long turn, now over.
    if (maxEventLoopDelayMs > 0 && eventLoopDelay > maxEventLoopDelayMs && eventLoopDelay < Infinity) return 'event_loop'
    return maxMemoryBytes > 0 && rssBytes > maxMemoryBytes ? 'memory' : undefined
  }

  function sendAway (exchange: Exchange, reason: string): void {
    const reply = exchanges.get(exchange) as FastifyReply
    exchanges.delete(exchange)
    exchange.giveWay(refusal(reply, reason))
  }

  function look (): void {
    for (const exchange of exchanges.keys()) {
      const isQuick = exchange.look()
      if (!isQuick || (exchange.holdsRoom && exchange.stillLooks >= mostStillLooks && room.isWaitedFor)) {
        exchanges.delete(exchange)
        exchange.cutOff()
      }
    }
    if (exchanges.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  // Without limits, it only measures.
  await app.register(underPressure)
  app.decorateRequest('exchange', null)
  app.addHook('onRequest', (request, reply, done) => {
    const length = bodyLength(request)
    if (length === undefined) return done(httpError(411, 'Content-Length: required'))
    if (length > bodyLimit) return done(httpError(413, `body: expected at most ${bodyLimit} bytes, got ${length}`))
    const reason = exchanges.size > 0 ? excess() : undefined
    if (reason !== undefined) return done(refusal(reply, reason))
    if (exchanges.size >= maxConcurrentRequests) sendAway(stillest(exchanges), 'requests')
    const exchange = new Exchange({
      request: request.raw,
      length,
      firstBytes: maxConcurrentBytes * smallBody,
      room,
      turns,
      onNoRoom: () => sendAway(exchange, 'bytes')
    })
    request.exchange = exchange
    exchanges.set(exchange, reply)
    timer ??= setInterval(look, lookInterval)
    reply.raw.once('close', () => {
      exchanges.delete(exchange)
      exchange.leave()
    })
    done()
  })
  app.addHook('onClose', async () => clearInterval(timer))
})

/** Announced length of the body; undefined if the request does not tell. */
function bodyLength ({ headers }: FastifyRequest): number | undefined {
  return headers['transfer-encoding'] !== undefined ? undefined : Number(headers['content-length'] ?? 0)
}

/** The request that has been idle longest, of the caller that has the most requests. */
function stillest (exchanges: Map<Exchange, unknown>): Exchange {
  const counts = new Map<string, number>()
  for (const { caller } of exchanges.keys()) counts.set(caller, (counts.get(caller) ?? 0) + 1)
  const [most] = [...counts].reduce((one, other) => other[1] > one[1] ? other : one)
  return [...exchanges.keys()].filter(({ caller }) => caller === most).reduce((one, other) => other.movedAt < one.movedAt ? other : one)
}
