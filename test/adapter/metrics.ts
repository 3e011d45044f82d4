import type { Registry } from 'prom-client'
import { makeMetrics, type Metrics } from '../../src/adapter/metrics.js'
import { makePrometheusInstruments } from '../../src/telemetry/prometheus.js'
import { content, metricsPrefix } from './content.js'

/** Metrics whose values can be read. */
export function makeReadableMetrics (prefix = metricsPrefix, eventType = content().type): Metrics & { registry: Registry } {
  const instruments = makePrometheusInstruments()
  return { ...makeMetrics(instruments, prefix, eventType), registry: instruments.registry }
}
