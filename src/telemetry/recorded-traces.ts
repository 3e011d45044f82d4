import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { parseTraceParent, type ExportResult } from '@opentelemetry/core'
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer'
import { AlwaysOnSampler, BasicTracerProvider, BatchSpanProcessor, SimpleSpanProcessor, TraceIdRatioBasedSampler, type ReadableSpan, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace-base'
import type { Otlp, TracingConfig } from '../knative/observability-config.js'
import { makeResource, type Identity } from './identity.js'
import type { Trace } from './tracing.js'

/** Makes the function that begins spans, and records those that are sampled. */
export async function makeRecordedTraces (config: TracingConfig, identity: Identity): Promise<{ trace: Trace, shutdown: () => Promise<void> }> {
  const provider = new BasicTracerProvider({
    resource: makeResource(identity),
    sampler: 'samplingRate' in config ? new TraceIdRatioBasedSampler(config.samplingRate) : new AlwaysOnSampler(),
    spanProcessors: [await makeProcessor(config)]
  })
  const tracer = provider.getTracer('adapter')
  return {
    shutdown: async () => await provider.shutdown(),
    trace ({ name, attributes, parent }) {
      const span = tracer.startSpan(name, { kind: SpanKind.PRODUCER, attributes }, parentOf(parent))
      const { traceId, spanId, traceFlags } = span.spanContext()
      return {
        traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
        addEvent: (name, attributes) => span.addEvent(name, attributes),
        end (attributes, failure) {
          span.setAttributes(attributes)
          if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure })
          span.end()
        }
      }
    }
  }
}

function parentOf (traceparent: string | undefined) {
  const parent = traceparent === undefined ? null : parseTraceParent(traceparent)
  return parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true })
}

async function makeProcessor (config: TracingConfig): Promise<SpanProcessor> {
  return 'endpoint' in config ? new BatchSpanProcessor(await makeExporter(config)) : new SimpleSpanProcessor(linesOnStdout)
}

async function makeExporter ({ protocol, endpoint }: Otlp): Promise<SpanExporter> {
  const { OTLPTraceExporter } = protocol === 'grpc'
    ? await import('./otlp-grpc.js')
    : await import('./otlp-http.js')
  return new OTLPTraceExporter({ url: endpoint })
}

/**
 * Writes spans as lines of JSON, between those of the log, so that one reader can read both.
 * https://opentelemetry.io/docs/specs/otel/protocol/file-exporter/
 */
const linesOnStdout: SpanExporter = {
  export (spans: ReadableSpan[], done: (result: ExportResult) => void) {
    process.stdout.write(`${new TextDecoder().decode(JsonTraceSerializer.serializeRequest(spans))}\n`)
    done({ code: 0 })
  },
  shutdown: async () => {}
}
