import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'

/* What is loaded for `http/protobuf`: with names, for a bundle has none of a package of CommonJS that is imported on demand. */

export { OTLPMetricExporter, OTLPTraceExporter }
