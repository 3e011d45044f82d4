import type { EventContent } from '../../src/adapter/event.js'

/** The prefix of metrics in tests of the adapter. */
export const metricsPrefix = 'widget'

/** The content of an event that no source of this project sends. */
export function content (data: object = { sequence: 7 }): EventContent {
  return { type: 'com.example.widget', source: 'example.com/widget', data }
}
