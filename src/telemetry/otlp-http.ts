import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'

/* Loaded for `http/protobuf`. Named exports, as a bundle has none for a CommonJS package that is imported dynamically. */

export { OTLPMetricExporter, OTLPTraceExporter }
