import type { FastifyInstance, FastifyReply } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'

/** What the hook counts and measures. */
export type Metrics = ReturnType<typeof makeMetrics>

/**
 * Makes the metrics of a process, all zero: its own, and `process_*` and `nodejs_*`, which every Node process has.
 * Names and units after https://prometheus.io/docs/practices/naming/. The README's table is made by hand from this.
 *
 * @param version of what runs
 */
export function makeMetrics (version: string) {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  new Gauge({
    registers,
    name: 'samplesource_build_info',
    help: 'Always 1; the labels say what runs.',
    labelNames: ['version', 'nodejs_version']
  }).set({ version, nodejs_version: process.versions.node }, 1)
  return {
    registry,
    requestDuration: new Histogram({
      registers,
      name: 'samplesource_hook_request_duration_seconds',
      help: 'Time from a request\'s headers to the end of its answer, by hook and outcome.',
      labelNames: ['hook', 'outcome'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    }),
    requests: new Counter({
      registers,
      name: 'samplesource_hook_requests_total',
      help: 'Requests that were answered, by hook and HTTP status code.',
      labelNames: ['hook', 'code']
    }),
    requestsInFlight: new Gauge({
      registers,
      name: 'samplesource_hook_requests_in_flight',
      help: 'Requests that are being read or answered.'
    }),
    authenticationFailures: new Counter({
      registers,
      name: 'samplesource_hook_authentication_failures_total',
      help: 'Requests that were refused for their bearer token (401) or their client certificate (403).',
      labelNames: ['reason']
    }),
    shedRequests: new Counter({
      registers,
      name: 'samplesource_hook_shed_requests_total',
      help: 'Requests that were answered 429, by what there was too much of.',
      labelNames: ['reason']
    }),
    events: new Counter({
      registers,
      name: 'samplesource_reconciler_events_total',
      help: 'What the answers have Metacontroller do, by type and reason of the event.',
      labelNames: ['type', 'reason']
    }),
    statusChanges: new Counter({
      registers,
      name: 'samplesource_status_changes_total',
      help: 'Answers with another status than the source has stored.'
    }),
    invalidSpecs: new Counter({
      registers,
      name: 'samplesource_invalid_specs_total',
      help: 'Answers to a source whose spec is invalid.'
    })
  }
}

/** How a request ended, as its duration is told apart. */
function outcomeOf ({ raw, statusCode }: FastifyReply): string {
  if (!raw.writableFinished) return 'aborted'
  if (statusCode < 400) return 'success'
  if (statusCode === 429) return 'overloaded'
  return statusCode < 500 ? 'refused' : 'failed'
}

/**
 * Measures every request of a server. The hook is the last part of its route, so that no caller can make up labels: all
 * that has no route is `none`.
 */
export const requestMetrics = fastifyPlugin(async (app: FastifyInstance, { metrics }: { metrics: Metrics }) => {
  app.addHook('onRequest', (request, reply, done) => {
    const start = performance.now()
    const hook = request.routeOptions.url?.slice(1) ?? 'none'
    metrics.requestsInFlight.inc()
    // Emitted once in any case: when the answer has gone out, and when the caller has.
    reply.raw.once('close', () => {
      const outcome = outcomeOf(reply)
      metrics.requestsInFlight.dec()
      metrics.requestDuration.observe({ hook, outcome }, (performance.now() - start) / 1000)
      if (outcome !== 'aborted') metrics.requests.inc({ hook, code: reply.statusCode })
    })
    done()
  })
})
