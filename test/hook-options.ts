import { pino } from 'pino'
import type { HookServerOptions } from '../src/http/hook-server.js'
import { makeMetrics } from '../src/http/metrics.js'
import { makeHooks } from './widget/widget.js'

/** The prefix of metrics in tests of the server. */
export const metricsPrefix = 'widget'

/** The default options of a hook in a test: for Widgets, without logs, authentication, TLS or low limits. */
export function hookOptions (): HookServerOptions {
  return {
    logger: pino({ level: 'silent' }),
    metrics: makeMetrics(metricsPrefix, '1.2.3'),
    leaving: new AbortController().signal,
    bodyLimit: 16 * 1024 * 1024,
    limits: { maxConcurrentRequests: 1000, maxConcurrentBytes: 1024 * 1024 * 1024, maxEventLoopDelayMs: 0, maxMemoryBytes: 0 },
    maxRequestsPerConnection: 1000,
    hooks: makeHooks()
  }
}
