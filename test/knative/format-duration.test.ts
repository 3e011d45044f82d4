import t from 'tap'
import fc from 'fast-check'
import { parseDuration } from '../../src/knative/duration.js'
import { formatDuration } from '../../src/knative/format-duration.js'

t.test('what time.Duration.String prints', async t => {
  const table: Array<[bigint, string]> = [
    [0n, '0s'], [1n, '1ns'], [999n, '999ns'], [1_100n, '1.1µs'], [2_200_000n, '2.2ms'], [3_300_000_000n, '3.3s'], [300_000_000n, '300ms'],
    [10_000_000_000n, '10s'], [59_999_999_999n, '59.999999999s'], [60_000_000_000n, '1m0s'], [90_000_000_000n, '1m30s'], [245_000_000_000n, '4m5s'],
    [245_001_000_000n, '4m5.001s'], [3_600_000_000_000n, '1h0m0s'], [18_367_001_000_000n, '5h6m7.001s'], [480_000_000_001n, '8m0.000000001s'],
    [2n ** 63n - 1n, '2562047h47m16.854775807s'], [-(2n ** 63n), '-2562047h47m16.854775808s'], [-1_500_000n, '-1.5ms']
  ]
  for (const [nanoseconds, expected] of table) t.equal(formatDuration(nanoseconds), expected)
})

t.test('a printed duration is read as the same value', async () => {
  fc.assert(fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.nat(18), (nanoseconds, digits) => {
    const shorter = nanoseconds / 10n ** BigInt(digits)
    return parseDuration(formatDuration(shorter)) === shorter
  }))
})
