const second = 1_000_000_000n

/**
 * Formats a duration as Go does: `1m30s`, `1h0m0s`, `1.5s`, `300ms`; below a second in the largest unit that gives no
 * fraction below 1. https://pkg.go.dev/time#Duration.String
 *
 * @param nanoseconds from {@link ./duration.ts}
 */
export function formatDuration (nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s'
  if (nanoseconds < 0n) return `-${formatDuration(-nanoseconds)}`
  if (nanoseconds < 1_000n) return `${nanoseconds}ns`
  if (nanoseconds < 1_000_000n) return `${decimal(nanoseconds, 1_000n)}µs`
  if (nanoseconds < second) return `${decimal(nanoseconds, 1_000_000n)}ms`
  const minutes = nanoseconds / (60n * second)
  const hours = minutes / 60n
  return (hours > 0n ? `${hours}h` : '') + (minutes > 0n ? `${minutes % 60n}m` : '') + `${decimal(nanoseconds % (60n * second), second)}s`
}

/** The number of units, with as many decimal places as necessary. */
function decimal (nanoseconds: bigint, unit: bigint): string {
  const digits = String(unit).length - 1
  const fraction = String(nanoseconds % unit).padStart(digits, '0').replace(/0+$/, '')
  return fraction === '' ? String(nanoseconds / unit) : `${nanoseconds / unit}.${fraction}`
}
