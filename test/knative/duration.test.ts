import fc from 'fast-check'
import t from 'tap'
import { parseDuration } from '../../src/knative/duration.js'
import { runs } from '../soak.js'

t.test('what time.ParseDuration reads', async t => {
  const table: Array<[string, bigint]> = [
    ['0', 0n], ['+0', 0n], ['-0', 0n], ['5s', 5_000_000_000n], ['30s', 30_000_000_000n], ['+5s', 5_000_000_000n], ['-5s', -5_000_000_000n],
    ['.5s', 500_000_000n], ['5.s', 5_000_000_000n], ['5.6s', 5_600_000_000n], ['1.004s', 1_004_000_000n], ['100.00100s', 100_001_000_000n],
    ['10ns', 10n], ['11us', 11_000n], ['12µs', 12_000n], ['12μs', 12_000n], ['13ms', 13_000_000n], ['14s', 14_000_000_000n],
    ['15m', 900_000_000_000n], ['16h', 57_600_000_000_000n], ['3h30m', 12_600_000_000_000n], ['10.5s4m', 250_500_000_000n],
    ['-2m3.4s', -123_400_000_000n], ['1h2m3s4ms5us6ns', 3_723_004_005_006n], ['52763797000ns', 52_763_797_000n], ['0.9ns', 0n],
    ['0.3333333333333333333h', 1_200_000_000_000n], ['0.100000000000000000000h', 360_000_000_000n], ['0.830103483285477580700h', 2_988_372_539_827n],
    ['0.79560821980444431658220h', 2_864_189_591_295n], ['0.88611878386833326349663h', 3_190_027_621_925n], ['0.59070114h', 2_126_524_104_000n], ['0.566552859m', 33_993_171_540n],
    ['9007199254740993ns', 9_007_199_254_740_993n], ['9223372036854775807ns', 9_223_372_036_854_775_807n],
    ['-9223372036854775808ns', -9_223_372_036_854_775_808n], ['2562047h47m16.854775807s', 9_223_372_036_854_775_807n]
  ]
  for (const [text, expected] of table) t.equal(parseDuration(text), expected, text)
})

t.test('what time.ParseDuration refuses', async t => {
  const table = ['', '3', '-', 's', '.', '-.', '.s', '+.s', '1d', '1 s', ' 1s', '1s ', '1S', '1e3s', '٣s', '3000000h', '9223372036854775808ns',
    '9223372036854775.808us', '-9223372036854775809ns', '1s\n', `${'1'.repeat(256)}s`,
    // Go has no limit.
    `${'0'.repeat(256)}s`]
  for (const text of table) t.equal(parseDuration(text), undefined, JSON.stringify(text))
})

t.test('every int64 of nanoseconds, and no more', async t => {
  fc.assert(fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), value => {
    return parseDuration(`${value}ns`) === (value >= -(2n ** 63n) && value < 2n ** 63n ? value : undefined)
  }))
})

t.test('any text can be read', async t => {
  const odd = fc.oneof(fc.string({ maxLength: 300 }), fc.array(fc.constantFrom('1', '.5', '9'.repeat(30), 'h', 'm', 'ns', 'µs', '-', '.'), { maxLength: 20 }).map(parts => parts.join('')))
  fc.assert(fc.property(odd, text => {
    const duration = parseDuration(text)
    return duration === undefined || (duration >= -(2n ** 63n) && duration < 2n ** 63n)
  }), { numRuns: runs(1000) })
})
