import { randomUUID } from 'node:crypto'
import { CloudEvent, HTTP } from 'cloudevents'
import { encodeHeaderValue } from '../knative/header-value.js'

/** A CloudEvent as adapters send it. */
export type Event = CloudEvent<object | string>

/** What an event says, and who says it. */
export interface EventContent {
  /** By which a receiver knows an event that it gets twice; one of its own for each event, if left out. */
  id?: string
  /** CloudEvents attributes. */
  type: string
  source: string
  /** Extension attributes that it has of its own, by name. */
  extensions?: Record<string, string>
  /** An object is sent as JSON; a text is JSON already, and sent as it is. */
  data: object | string
}

/**
 * Makes an event, with the time of its own and, unless it has one, an id.
 *
 * @param overrides extension attributes that it gets besides its own, or in their place
 * @throws when the CloudEvents SDK cannot make an event of these
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

/** An event on its way: what an HTTP request carries of it. */
export interface EventMessage {
  headers: Record<string, string>
  body: string
}

/**
 * Puts an event into the form of the HTTP binding's binary mode. The trace context goes into the header by which HTTP
 * hands it on, too: the extension says where the event began, the header who calls.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/extensions/distributed-tracing.md
 *
 * @param traceparent of the delivery; the event's extension, unless it has one of its own
 */
export function toMessage (event: Event, traceparent: string): EventMessage {
  const { headers, body } = HTTP.binary(event)
  const encoded = Object.entries(headers).map(([name, value]) => [name, name.startsWith('ce-') ? encodeHeaderValue(value as string) : value as string])
  const trace = encodeHeaderValue(traceparent)
  return { headers: { 'ce-traceparent': trace, ...Object.fromEntries(encoded), traceparent: trace }, body: body as string }
}
