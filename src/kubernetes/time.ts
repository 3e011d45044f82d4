import { stringAt } from './object.js'

/** A time as the API server keeps it: RFC 3339, UTC, whole seconds. */
export function formatTime (time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}

/** The time at a path of keys: RFC 3339, which is what the API server takes for a date-time. Undefined when there is none. */
export function timeAt (value: unknown, ...path: string[]): string | undefined {
  const text = stringAt(value, ...path)
  return text !== undefined && isTimestamp(text) ? text : undefined
}

function isTimestamp (text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))
}
