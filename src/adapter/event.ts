import { randomUUID } from 'node:crypto'
import { CloudEvent, HTTP } from 'cloudevents'
import { encodeHeaderValue } from '../knative/header-value.js'

/** A CloudEvent as adapters send it. */
export type Event = CloudEvent<object | string>

/** The content of an event, and its source. */
export interface EventContent {
  /** Lets a receiver recognize a duplicate; unique by default. */
  id?: string
  /** CloudEvents attributes. */
  type: string
  source: string
  /** The event's own extension attributes, by name. */
  extensions?: Record<string, string>
  /** An object is sent as JSON; a text must be JSON already and is sent unchanged. */
  data: object | string
}

/**
 * Makes an event with the current time and, unless one is given, a new id.
 *
 * @param overrides extension attributes to add to the event's own, or to replace them
 * @throws when the CloudEvents SDK rejects the event
 */
export function makeEvent ({ id = randomUUID(), type, source, extensions, data }: EventContent, overrides: Record<string, string>): Event {
  return new CloudEvent<object | string>({
    id,
    time: new Date().toISOString(),
    type,
    source,
    datacontenttype: 'application/json',
    data,
    ...extensions,
    ...overrides
  })
}

/** An event as an HTTP request: its headers and body. */
export interface EventMessage {
  headers: Record<string, string>
  body: string
}

/**
 * Encodes an event in the binary mode of the HTTP binding. The trace context also goes into the `traceparent` header:
 * the extension says where the event began, the header which span is calling.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/extensions/distributed-tracing.md
 *
 * @param traceparent of the delivery; also the event's extension, unless the event already has one
 */
export function toMessage (event: Event, traceparent: string): EventMessage {
  const { headers, body } = HTTP.binary(event)
  const encoded = Object.entries(headers).map(([name, value]) => [name, name.startsWith('ce-') ? encodeHeaderValue(value as string) : value as string])
  const trace = encodeHeaderValue(traceparent)
  return { headers: { 'ce-traceparent': trace, ...Object.fromEntries(encoded), traceparent: trace }, body: body as string }
}
