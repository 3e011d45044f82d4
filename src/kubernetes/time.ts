import { stringAt } from './object.js'

/** A time as the API server stores it: RFC 3339, UTC, whole seconds. */
export function formatTime (time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}

/** The time at a path of keys, in RFC 3339, as the API server requires for a date-time. Undefined if there is none. */
export function timeAt (value: unknown, ...path: string[]): string | undefined {
  const text = stringAt(value, ...path)
  return text !== undefined && isTimestamp(text) ? text : undefined
}

function isTimestamp (text: string): boolean {
  const [, local] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? []
  // `Date` takes February 30 for March 1, and 24:00 for the next day.
  return new Date(`${local}Z`).toJSON() === `${local}.000Z` && !Number.isNaN(Date.parse(text))
}
