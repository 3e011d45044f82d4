import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc'

/* Loaded for `grpc`: see otlp-http.ts. */

export { OTLPMetricExporter, OTLPTraceExporter }
