import * as prometheus from 'prom-client'
import type { Attributes, InstrumentOptions, Instruments } from './instruments.js'

/** Makes instruments that Prometheus reads from a registry, and adds the metrics of the process to it. */
export function makePrometheusInstruments (): Instruments & { registry: prometheus.Registry } {
  const registry = new prometheus.Registry()
  prometheus.collectDefaultMetrics({ register: registry })
  const configuration = (options: InstrumentOptions, suffix = '') => ({
    registers: [registry],
    name: prometheusName(options) + suffix,
    help: options.description,
    labelNames: (options.attributes ?? []).map(underscored)
  })
  return {
    registry,
    counter (options) {
      const counter = new prometheus.Counter(configuration(options, '_total'))
      return { add: (value, attributes) => counter.inc(labels(attributes), value) }
    },
    gauge (options) {
      const gauge = new prometheus.Gauge(configuration(options))
      return { record: value => gauge.set(value) }
    },
    histogram ({ boundaries, ...options }) {
      const histogram = new prometheus.Histogram({ ...configuration(options), buckets: boundaries })
      return { record: (value, attributes) => histogram.observe(labels(attributes), value) }
    }
  }
}

/**
 * The name of an instrument in Prometheus: with its unit, unless that is an annotation in braces.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus
 */
function prometheusName ({ name, unit }: InstrumentOptions): string {
  return underscored(name) + (unit === 's' ? '_seconds' : '')
}

/** The attributes, with valid label names. */
function labels (attributes: Attributes = {}): Attributes {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [underscored(name), value]))
}

function underscored (name: string): string {
  return name.replaceAll('.', '_')
}
