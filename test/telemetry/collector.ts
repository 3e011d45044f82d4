import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { Server, ServerCredentials } from '@grpc/grpc-js'
import protobuf from 'protobufjs'
import type { Test } from 'tap'

/*
 * An OTLP collector. It decodes requests by the parts of the published definition that the tests use.
 * https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto
 */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; } }
  message Resource { repeated KeyValue attributes = 1; }

  message Traces { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    repeated KeyValue attributes = 9; repeated SpanEvent events = 11; Status status = 15;
  }
  message SpanEvent { string name = 2; repeated KeyValue attributes = 3; }
  message Status { string message = 2; int32 code = 3; }

  message Metrics { repeated ResourceMetrics resource_metrics = 1; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message ScopeMetrics { repeated Metric metrics = 2; }
  message Metric { string name = 1; string unit = 3; Points gauge = 5; Points sum = 7; HistogramPoints histogram = 9; }
  message Points { repeated Point data_points = 1; bool is_monotonic = 3; }
  message Point { double as_double = 4; sfixed64 as_int = 6; repeated KeyValue attributes = 7; }
  message HistogramPoints { repeated HistogramPoint data_points = 1; }
  message HistogramPoint { fixed64 count = 4; double sum = 5; repeated KeyValue attributes = 9; }
`)

type Attributes = Record<string, string | number>

/** A span as received. */
export interface ReceivedSpan {
  resource: Attributes
  /** In the form of a `traceparent`. */
  traceId: string
  spanId: string
  parentSpanId: string
  name: string
  kind: number
  attributes: Attributes
  events: Array<{ name: string, attributes: Attributes }>
  status: { code?: number, message?: string }
}

/** The last value of a metric, by the values of its attributes. */
export interface ReceivedMetric {
  resource: Attributes
  unit: string
  type: 'counter' | 'gauge' | 'histogram' | 'upDownCounter'
  values: Array<Attributes & { value: number }>
}

/** Starts a collector for either protocol of OTLP. */
export async function startCollector (t: Test, protocol: 'http/protobuf' | 'grpc') {
  const spans: ReceivedSpan[] = []
  const metrics = new Map<string, ReceivedMetric>()
  const take = (signal: 'Traces' | 'Metrics', body: Buffer) => {
    const type = root.lookupType(signal)
    const message: any = type.toObject(type.decode(body), { longs: Number, defaults: true })
    if (signal === 'Traces') takeSpans(message, spans)
    else takeMetrics(message, metrics)
  }
  const url = protocol === 'grpc' ? await startGrpc(t, take) : await startHttp(t, take)
  return { url, spans, metrics }
}

type Take = (signal: 'Traces' | 'Metrics', body: Buffer) => void

async function startHttp (t: Test, take: Take): Promise<string> {
  const server = createServer(async (request, response) => {
    const signal = { '/v1/traces': 'Traces', '/v1/metrics': 'Metrics' }[request.url ?? ''] as 'Traces' | 'Metrics' | undefined
    const body = await buffer(request)
    if (signal === undefined || request.headers['content-type'] !== 'application/x-protobuf') return response.writeHead(404).end()
    take(signal, body)
    response.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function startGrpc (t: Test, take: Take): Promise<string> {
  const server = new Server()
  const bytes = { requestDeserialize: (body: Buffer) => body, requestSerialize: (body: Buffer) => body, responseDeserialize: (body: Buffer) => body, responseSerialize: (body: Buffer) => body }
  for (const [path, signal] of [['trace.v1.TraceService', 'Traces'], ['metrics.v1.MetricsService', 'Metrics']] as const) {
    const service = { export: { path: `/opentelemetry.proto.collector.${path}/Export`, requestStream: false, responseStream: false, ...bytes } }
    server.addService(service, {
      export ({ request }: { request: Buffer }, answer: (error: null, response: Buffer) => void) {
        take(signal, request)
        answer(null, Buffer.alloc(0))
      }
    })
  }
  const port = await new Promise<number>((resolve, reject) => server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => error === null ? resolve(port) : reject(error)))
  t.teardown(() => server.forceShutdown())
  return `http://127.0.0.1:${port}`
}

function takeSpans (message: any, spans: ReceivedSpan[]): void {
  for (const { resource, scopeSpans } of message.resourceSpans) {
    for (const { traceId, spanId, parentSpanId, name, kind, attributes, events, status } of scopeSpans.flatMap((scope: any) => scope.spans)) {
      spans.push({
        resource: attributesOf(resource),
        traceId: hex(traceId),
        spanId: hex(spanId),
        parentSpanId: hex(parentSpanId),
        name,
        kind,
        attributes: attributesOf({ attributes }),
        events: events.map((event: any) => ({ name: event.name, attributes: attributesOf(event) })),
        status
      })
    }
  }
}

function takeMetrics (message: any, metrics: Map<string, ReceivedMetric>): void {
  for (const { resource, scopeMetrics } of message.resourceMetrics) {
    for (const { name, unit, gauge, sum, histogram } of scopeMetrics.flatMap((scope: any) => scope.metrics)) {
      const { dataPoints } = gauge ?? sum ?? histogram
      metrics.set(name, {
        resource: attributesOf(resource),
        unit,
        type: histogram ? 'histogram' : gauge ? 'gauge' : sum.isMonotonic ? 'counter' : 'upDownCounter',
        values: dataPoints.map((point: any) => ({ ...attributesOf(point), value: histogram ? point.count : point.asDouble || point.asInt }))
      })
    }
  }
}

function attributesOf ({ attributes }: any): Attributes {
  return Object.fromEntries(attributes.map(({ key, value }: any) => [key, Object.values(value)[0] as string | number]))
}

function hex (bytes: Uint8Array | string): string {
  return Buffer.from(bytes as Uint8Array).toString('hex')
}
