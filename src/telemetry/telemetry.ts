import type { Server } from 'node:http'
import type { Logger } from 'pino'
import type { ObservabilityConfig } from '../knative/observability-config.js'
import { makeMetricsServer } from './metrics-server.js'
import type { Identity } from './identity.js'
import { noInstruments, type Instruments } from './instruments.js'
import { makePrometheusInstruments } from './prometheus.js'
import { traceUnrecorded, type Trace } from './tracing.js'

/** How a program is watched. */
export interface Telemetry {
  instruments: Instruments
  trace: Trace
  /** What Prometheus asks, and where it is to listen, which it does not yet. */
  prometheus?: { server: Server, port: number, host?: string | undefined }
  /** Sends what has not been sent yet, as far as that can be sent. */
  shutdown: () => Promise<void>
}

/** Makes what a configuration asks for. OpenTelemetry's packages are loaded only where they are needed. */
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
