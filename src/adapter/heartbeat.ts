import { parseDuration } from '../knative/duration.js'
import { formatDuration } from '../knative/format-duration.js'
import { eventSource, eventType } from '../samplesource/names.js'
import type { Read } from './environment.js'
import type { EventContent } from './event.js'

/* What this source sends. Everything else in this folder would serve any source. */

export { component, eventType, metricsPrefix } from '../samplesource/names.js'

/** Settings that the adapter takes from its environment besides those of every adapter. */
export interface Settings {
  /** Time between two events, in nanoseconds. */
  interval: bigint
}

/** Reads the settings, as set in the Deployment by {@link ../samplesource/receive-adapter.ts}. */
export function readSettings (read: Read): Settings {
  return {
    interval: read('INTERVAL', '10s', parseInterval, 'a positive Go duration such as 500ms, 10s or 1h30m', 'Time between two events.')
  }
}

function parseInterval (text: string): bigint | undefined {
  const interval = parseDuration(text)
  return interval !== undefined && interval > 0n ? interval : undefined
}

/**
 * Makes the content of an event.
 *
 * @param sequence number of the event, from 0
 */
export function makeHeartbeat ({ interval }: Settings, sequence: number): EventContent {
  return {
    type: eventType,
    source: eventSource,
    // The interval in Go's notation.
    data: { sequence, heartbeat: formatDuration(interval) }
  }
}
