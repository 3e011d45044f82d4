import underPressure from '@fastify/under-pressure'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { httpError } from './errors.js'
import { Exchange } from './exchange.js'
import type { Metrics } from './metrics.js'
import { Room } from './room.js'
import { Turns } from './turns.js'

/** How much a server takes; none of them is reached while Metacontroller alone calls. */
export interface OverloadLimits {
  /** Most requests that are read or answered at a time. */
  maxConcurrentRequests: number
  /** Most bytes of large bodies in sum; more wait for their turn. */
  maxConcurrentBytes: number
  /** How late the event loop may be on average, in milliseconds. */
  maxEventLoopDelayMs: number
  /** Most memory that the process may have (resident set), in bytes; 0 for no limit. */
  maxMemoryBytes: number
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null until the request has been let in. */
    exchange: Exchange | null
  }
}

/**
 * The memory that a process may have where nothing else is said: nine tenths of its container's limit.
 *
 * @param constrained from `process.constrainedMemory()`
 * @param total of the machine
 * @returns 0 where the container has no limit
 */
export function memoryLimit (constrained: number, total: number): number {
  return constrained > 0 && constrained < total ? Math.floor(constrained * 0.9) : 0
}

/**
 * The part of `maxConcurrentBytes` that a body may have without waiting for others, as each of `maxConcurrentRequests`
 * may. By default it is 256 KiB, far more than an ordinary source comes to.
 */
const smallBody = 1 / 64

/** Bounds of `Retry-After`, in seconds. Spread, so that the callers that were sent away do not come back together. */
const retryAfter = { least: 1, most: 5 }

/** How long a body waits for others to be done, in milliseconds: time enough is left of the client's for what follows. */
const longestWait = 2_000

/** How often the requests under way are looked at, in milliseconds. */
const lookInterval = 100

/** One that has not moved for so many looks, and holds room that others wait for, is cut off. */
const mostStillLooks = 5

/** While requests are being refused, the log says so this often, in milliseconds. */
const logInterval = 10_000

/**
 * Answers 429 where there is too much to do. Metacontroller then calls again after `Retry-After`, and makes no event of
 * it.
 *
 * - A late event loop, or too much memory: the new request is answered 429 before its body is read.
 * - Too many requests: of the caller that has the most, the one that has not moved for the longest time makes way.
 * - Too many bytes: a small body never waits. A large one waits for its turn, unread but for its first part, before 429.
 *   A request that holds room and does not move is cut off while others wait.
 *
 * A request is let in in any case where none is under way: work is what memory is freed by.
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

  /** What there is too much of to let a request in besides those that are under way. */
  function excess (): string | undefined {
    const { eventLoopDelay, rssBytes } = app.memoryUsage()
    // Infinite where nothing was measured: there was a single long turn, which is over.
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

  // Without limits of its own it only measures.
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

/** How many bytes will be read; undefined where the request does not say. */
function bodyLength ({ headers }: FastifyRequest): number | undefined {
  return headers['transfer-encoding'] !== undefined ? undefined : Number(headers['content-length'] ?? 0)
}

/** Of the caller that has the most requests under way, the one that has not moved for the longest time. */
function stillest (exchanges: Map<Exchange, unknown>): Exchange {
  const counts = new Map<string, number>()
  for (const { caller } of exchanges.keys()) counts.set(caller, (counts.get(caller) ?? 0) + 1)
  const [most] = [...counts].reduce((one, other) => other[1] > one[1] ? other : one)
  return [...exchanges.keys()].filter(({ caller }) => caller === most).reduce((one, other) => other.movedAt < one.movedAt ? other : one)
}
