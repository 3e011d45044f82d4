import { ValueType, type MetricOptions } from '@opentelemetry/api'
import { MeterProvider, PeriodicExportingMetricReader, type PushMetricExporter } from '@opentelemetry/sdk-metrics'
import type { MetricsConfig, Otlp } from '../knative/observability-config.js'
import { makeResource, type Identity } from './identity.js'
import type { InstrumentOptions, Instruments } from './instruments.js'

type OtlpMetrics = Extract<MetricsConfig, Otlp>

/** Makes instruments whose values are sent to a collector periodically. */
export async function makeOtlpInstruments (config: OtlpMetrics, identity: Identity): Promise<Instruments & { shutdown: () => Promise<void> }> {
  const { exportInterval } = config
  const reader = new PeriodicExportingMetricReader({
    exporter: await makeExporter(config),
    exportIntervalMillis: exportInterval,
    exportTimeoutMillis: Math.min(exportInterval, 30_000)
  })
  const provider = new MeterProvider({ resource: makeResource(identity), readers: [reader] })
  const meter = provider.getMeter('adapter')
  meter.createObservableUpDownCounter('process.memory.usage', { unit: 'By', description: 'The amount of physical memory in use.' })
    .addCallback(result => result.observe(process.memoryUsage.rss()))
  meter.createObservableCounter('process.cpu.time', { unit: 's', description: 'Total CPU seconds.' }).addCallback(result => {
    const { user, system } = process.cpuUsage()
    result.observe(user / 1e6, { 'cpu.mode': 'user' })
    result.observe(system / 1e6, { 'cpu.mode': 'system' })
  })
  const options = ({ description, unit }: InstrumentOptions): MetricOptions => ({ description, unit, valueType: unit === 's' ? ValueType.DOUBLE : ValueType.INT })
  return {
    counter: wanted => meter.createCounter(wanted.name, options(wanted)),
    gauge: wanted => meter.createGauge(wanted.name, options(wanted)),
    histogram: ({ boundaries, ...wanted }) => meter.createHistogram(wanted.name, { ...options(wanted), advice: { explicitBucketBoundaries: boundaries } }),
    shutdown: async () => await provider.shutdown()
  }
}

async function makeExporter ({ protocol, endpoint }: OtlpMetrics): Promise<PushMetricExporter> {
  const { OTLPMetricExporter } = protocol === 'grpc'
    ? await import('./otlp-grpc.js')
    : await import('./otlp-http.js')
  return new OTLPMetricExporter({ url: endpoint })
}
