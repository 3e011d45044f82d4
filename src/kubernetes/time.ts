/** A time as the API server keeps it: RFC 3339, UTC, whole seconds. */
export function formatTime (time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, 'Z')
}
