import type { Server } from 'node:http'
import type { Logger } from 'pino'
import type { ObservabilityConfig } from '../knative/observability-config.js'
import { makeMetricsServer } from './metrics-server.js'
import type { Identity } from './identity.js'
import { noInstruments, type Instruments } from './instruments.js'
import { makePrometheusInstruments } from './prometheus.js'
import { traceUnrecorded, type Trace } from './tracing.js'

/** The telemetry of a program. */
export interface Telemetry {
  instruments: Instruments
  trace: Trace
  /** The server that Prometheus scrapes, and the address it should listen on; it is not listening yet. */
  prometheus?: { server: Server, port: number, host?: string | undefined }
  /** Sends the telemetry that has not been sent yet, if possible. */
  shutdown: () => Promise<void>
}

/** Makes the configured telemetry. OpenTelemetry's packages are loaded only if they are needed. */
export async function makeTelemetry ({ metrics, tracing }: ObservabilityConfig, identity: Identity, logger: Logger): Promise<Telemetry> {
  const parts: Array<{ shutdown: () => Promise<void> }> = []
  const telemetry: Telemetry = {
    instruments: noInstruments,
    trace: traceUnrecorded,
    shutdown: async () => { await Promise.allSettled(parts.map(async part => await part.shutdown())) }
  }
  if ('endpoint' in metrics || 'endpoint' in tracing) (await import('./errors.js')).tellOfErrors(logger)
  if (metrics.protocol === 'prometheus') {
    const instruments = makePrometheusInstruments()
    telemetry.instruments = instruments
    telemetry.prometheus = { server: makeMetricsServer(instruments.registry), port: metrics.port, host: metrics.host }
  } else if (metrics.protocol !== 'none') {
    const { makeOtlpInstruments } = await import('./otlp-metrics.js')
    const instruments = await makeOtlpInstruments(metrics, identity)
    telemetry.instruments = instruments
    parts.push(instruments)
  }
  if (tracing.protocol !== 'none') {
    const { makeRecordedTraces } = await import('./recorded-traces.js')
    const traces = await makeRecordedTraces(tracing, identity)
    telemetry.trace = traces.trace
    parts.push(traces)
  }
  return telemetry
}
