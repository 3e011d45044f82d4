/**
 * The syntax of a Go duration: a sign, then decimal numbers with a unit each, or `0` alone.
 * https://pkg.go.dev/time#ParseDuration
 */
export const durationPattern = '^[-+]?(0|(([0-9]+[.]?[0-9]*|[.][0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$'

const syntax = new RegExp(durationPattern)
const element = /([0-9]*)[.]?([0-9]*)(ns|us|µs|μs|ms|s|m|h)/g

const nanosecondsPerUnit: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9
}

const maxInt64 = 2n ** 63n - 1n

/** The longest text that is parsed as a duration. Go has no limit; a schema needs one to limit the cost of its rules. */
export const maxDurationLength = 256

/**
 * Parses a Go duration.
 *
 * @param text such as `10s`, `1m30s`, `.5h`
 * @returns nanoseconds, or undefined if Go's `time.ParseDuration` would fail: wrong syntax, or more than an int64 of
 * nanoseconds (about 292 years)
 */
export function parseDuration (text: string): bigint | undefined {
  if (text.length > maxDurationLength || !syntax.test(text)) return undefined
  const negative = text.startsWith('-')
  let total = 0n
  for (const [, whole = '', fraction = '', unit = ''] of text.matchAll(element)) {
    const scale = nanosecondsPerUnit[unit] as number
    total += BigInt(whole) * BigInt(scale) + fractionOf(scale, fraction)
  }
  if (total > maxInt64 + (negative ? 1n : 0n)) return undefined
  return negative ? -total : total
}

/**
 * The fraction, computed in floating point as Go does, so that `0.3333333333333333333h` is 20 minutes here too.
 * Go drops the digits that no longer fit an int64.
 */
function fractionOf (unit: number, digits: string): bigint {
  let kept = digits
  while (BigInt(kept) > maxInt64) kept = kept.slice(0, -1)
  return BigInt(Math.trunc(Number(kept) * (unit / 10 ** kept.length)))
}
