const second = 1_000_000_000n

/**
 * Writes a duration as Go prints it: `1m30s`, `1h0m0s`, `1.5s`, `300ms`; below a second in the largest unit that is not
 * a fraction. https://pkg.go.dev/time#Duration.String
 *
 * @param nanoseconds as {@link ./duration.ts} reads them
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

/** As many units as there are, with the digits after the point that it takes. */
function decimal (nanoseconds: bigint, unit: bigint): string {
  const digits = String(unit).length - 1
  const fraction = String(nanoseconds % unit).padStart(digits, '0').replace(/0+$/, '')
  return fraction === '' ? String(nanoseconds / unit) : `${nanoseconds / unit}.${fraction}`
}
