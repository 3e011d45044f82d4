import type { FastifyInstance, FastifyReply } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** Metrics of the requests to a server. */
export class RequestMetrics {
  readonly #duration: Histogram<'hook' | 'outcome'>
  readonly #requests: Counter<'hook' | 'code'>
  #inFlight = 0

  constructor (registers: Registry[], prefix: string) {
    this.#duration = new Histogram({
      registers,
      name: `${prefix}_hook_request_duration_seconds`,
      help: 'Time from a request\'s headers to the end of its answer, by hook and outcome: `success`, `refused` (4xx), `overloaded` (429), `failed` (5xx), or `aborted` (the caller went away, or was too slow and cut off).',
      labelNames: ['hook', 'outcome'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    })
    this.#requests = new Counter({
      registers,
      name: `${prefix}_hook_requests_total`,
      help: 'Answered requests, by hook and HTTP status code.',
      labelNames: ['hook', 'code']
    })
    const inFlight: Gauge = new Gauge({
      registers,
      name: `${prefix}_hook_requests_in_flight`,
      help: 'Requests that are being read or answered.',
      collect: () => inFlight.set(this.#inFlight)
    })
  }

  begin (): void {
    this.#inFlight += 1
  }

  /** @param seconds since it began */
  end (hook: string, reply: FastifyReply, seconds: number): void {
    this.#inFlight -= 1
    const outcome = outcomeOf(reply)
    this.#duration.observe({ hook, outcome }, seconds)
    if (outcome !== 'aborted') this.#requests.inc({ hook, code: reply.statusCode })
  }
}

/** The outcome of a request, as its duration is labelled. */
function outcomeOf ({ raw, statusCode }: FastifyReply): string {
  if (!raw.writableFinished) return 'aborted'
  if (statusCode < 400) return 'success'
  if (statusCode === 429) return 'overloaded'
  return statusCode < 500 ? 'refused' : 'failed'
}

/**
 * Measures every request of a server. The hook is the last part of the route, so callers cannot make up labels: requests
 * without a route are labelled `none`.
 */
export const measureRequests = fastifyPlugin(async (app: FastifyInstance, { requests }: { requests: RequestMetrics }) => {
  app.addHook('onRequest', ({ routeOptions }, reply, done) => {
    const start = performance.now()
    const hook = routeOptions.url?.slice(1) ?? 'none'
    requests.begin()
    // Runs when the answer is sent, and when the caller disconnects (see listener.ts); in Node 24 both may happen.
    reply.raw.once('close', () => requests.end(hook, reply, (performance.now() - start) / 1000))
    done()
  })
})
