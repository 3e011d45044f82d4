import { eventSource, eventType } from '../samplesource/names.js'
import type { Call, Refusal } from './call.js'
import { parsePort, type Read } from './environment.js'
import type { EventContent } from './event.js'

/* What this source sends: what others post to it. All else in this folder would serve any source. */

export { component, eventType, metricsPrefix } from '../samplesource/names.js'

/** What the adapter takes from its environment besides what any adapter does. */
export interface Settings {
  /** That requests come in by. */
  port: number
}

/** Reads the settings, as the Deployment of {@link ../samplesource/receive-adapter.ts} has them. */
export function readSettings (read: Read): Settings {
  return {
    port: read('PORT', '8080', parsePort, 'a port from 0 to 65535', 'Port for incoming requests.')
  }
}

/** Either what an event is made of, or why a request is refused. */
export type ContentResult =
  | { content: EventContent, refusal?: never }
  | { content?: never, refusal: Refusal }

/**
 * Makes the content of an event. This is also the place to verify who calls, such as by a signature of `text`.
 *
 * @param _settings what a field of the spec has come to
 */
export function makeContent (_settings: Settings, { headers, text, data }: Call): ContentResult {
  if (typeof data !== 'object' || data === null) return { refusal: { code: 422, error: 'body: expected a JSON object or array' } }
  // Who sends a webhook again does so with the same id: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
  const id = headers['webhook-id']
  return {
    content: {
      ...(typeof id === 'string' && { id }),
      type: eventType,
      source: eventSource,
      // A text is JSON as it came; an object is sent as JSON, too.
      data: text
    }
  }
}
