import underPressure from '@fastify/under-pressure'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { httpError } from './errors.js'
import type { Metrics } from './metrics.js'
import { Semaphore } from './semaphore.js'

/** How much a server takes; none of them is reached while Metacontroller alone calls. */
export interface OverloadLimits {
  /** Most requests that are read or answered at a time. */
  maxConcurrentRequests: number
  /** Most bytes of their bodies in sum; more wait for their turn. */
  maxConcurrentBytes: number
  /** How late the event loop may be on average, in milliseconds. */
  maxEventLoopDelayMs: number
  /** Most memory that the process may have (resident set), in bytes; 0 for no limit. */
  maxMemoryBytes: number
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

/** Bounds of `Retry-After`, in seconds. Spread, so that all who were sent away do not come back together. */
const retryAfter = { least: 1, most: 5 }

/** How long a body waits for others to be done, in milliseconds: time enough is left of the client's for what follows. */
const longestWait = 2_000

/** While requests are being refused, the log says so this often, in milliseconds. */
const logInterval = 10_000

/**
 * Answers 429 where there is too much to do, before the body is read. Metacontroller then calls again after
 * `Retry-After`, and makes no event of it. Bodies that are too many only for the moment wait unread, on their
 * connections, before that.
 *
 * A request is let in in any case where none is under way: work is what memory is freed by.
 */
export const overload = fastifyPlugin(async (app: FastifyInstance, { limits, bodyLimit, metrics }: { limits: OverloadLimits, bodyLimit: number, metrics: Metrics }) => {
  const { maxConcurrentRequests, maxConcurrentBytes, maxEventLoopDelayMs, maxMemoryBytes } = limits
  const bytes = new Semaphore(maxConcurrentBytes, longestWait)
  let requests = 0
  let logged = -Infinity

  function refusal (reply: FastifyReply, reason: string): Error {
    metrics.shedRequests.inc({ reason })
    if (performance.now() - logged > logInterval) {
      logged = performance.now()
      reply.log.warn({ reason, requests }, 'overloaded: requests are answered 429')
    }
    reply.header('retry-after', retryAfter.least + Math.floor(Math.random() * (retryAfter.most - retryAfter.least + 1)))
    return httpError(429, 'overloaded')
  }

  /** What there is too much of to let a request in beside those that are under way. */
  function excess (): string | undefined {
    if (requests >= maxConcurrentRequests) return 'requests'
    const { eventLoopDelay, rssBytes } = app.memoryUsage()
    if (maxEventLoopDelayMs > 0 && eventLoopDelay > maxEventLoopDelayMs) return 'event_loop'
    return maxMemoryBytes > 0 && rssBytes > maxMemoryBytes ? 'memory' : undefined
  }

  // Without limits of its own it only measures.
  await app.register(underPressure)
  app.addHook('onRequest', (request, reply, done) => {
    const length = bodyLength(request, bodyLimit)
    if (length === undefined) return done(httpError(411, 'Content-Length: required'))
    const reason = requests > 0 ? excess() : undefined
    if (reason !== undefined) return done(refusal(reply, reason))
    requests += 1
    const release = bytes.acquire(length, taken => done(taken ? undefined : refusal(reply, 'bytes')))
    reply.raw.once('close', () => {
      requests -= 1
      release()
    })
  })
})

/** How many bytes will be read, none where that is over the limit; undefined where the request does not say. */
function bodyLength ({ headers }: FastifyRequest, bodyLimit: number): number | undefined {
  if (headers['transfer-encoding'] !== undefined) return undefined
  const length = Number(headers['content-length'] ?? 0)
  return length > bodyLimit ? 0 : length
}
