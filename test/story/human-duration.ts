const minute = 60
const hour = 60 * minute
const day = 24 * hour

/**
 * A duration as kubectl prints an age: two units while both matter, then one.
 * https://pkg.go.dev/k8s.io/apimachinery/pkg/util/duration#HumanDuration
 *
 * @param seconds at least 0, and less than two years
 */
export function humanDuration (seconds: number): string {
  if (seconds < 2 * minute) return `${Math.floor(seconds)}s`
  if (seconds < 10 * minute) return inTwo(seconds, minute, 'm', 1, 's')
  if (seconds < 3 * hour) return `${Math.floor(seconds / minute)}m`
  if (seconds < 8 * hour) return inTwo(seconds, hour, 'h', minute, 'm')
  if (seconds < 2 * day) return `${Math.floor(seconds / hour)}h`
  return seconds < 8 * day ? inTwo(seconds, day, 'd', hour, 'h') : `${Math.floor(seconds / day)}d`
}

function inTwo (seconds: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor(seconds % large / small)
  return `${Math.floor(seconds / large)}${largeUnit}${rest === 0 ? '' : `${rest}${smallUnit}`}`
}
