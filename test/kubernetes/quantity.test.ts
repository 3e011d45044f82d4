import fc from 'fast-check'
import t from 'tap'
import { formatQuantity, parseQuantity, roundUpToMilli } from '../../src/kubernetes/quantity.js'
import { runs } from '../soak.js'

const canonical = (text: string | number) => {
  const quantity = parseQuantity(text)
  return quantity && formatQuantity(quantity)
}

t.test('canonical form', async t => {
  const table: Array<[string | number, string]> = [
    ['1000m', '1'], ['0.1', '100m'], ['1.5Gi', '1536Mi'], ['1024Mi', '1Gi'], ['1000Mi', '1000Mi'], ['1e3', '1e3'],
    ['0', '0'], ['0Ki', '0'], ['0.0', '0'], ['+1', '1'], ['-1', '-1'], ['-1.5', '-1500m'], [' 1 ', '1'], ['1.', '1'], ['.5', '500m'],
    ['007', '7'], ['1500m', '1500m'], ['100n', '100n'], ['0.5n', '1n'], ['-0.5n', '-1n'], ['1e-10', '1e-9'], ['12e6', '12e6'], ['1E3', '1e3'],
    ['1E', '1E'], ['1k', '1k'], ['1000k', '1M'], ['1500k', '1500k'], ['9E', '9E'], ['9223372036854775807e0', '9223372036854775807'], ['1e-99', '1e-9'], ['16Ei', '9223372036854775807'], ['-16Ei', '-9223372036854775807'],
    ['512', '512'], ['1023Ki', '1023Ki'], ['0.5Ki', '512'], ['0.001Ki', '1024m'], ['1.1Ki', '1126400m'], ['-2048Ki', '-2Mi'],
    ['8Ei', '9223372036854775807'], ['7Ei', '7Ei'], ['62.5Ki', '64k'], ['1024Pi', '1Ei'],
    [1, '1'], [1500, '1500'], [3000, '3k']
  ]
  for (const [text, expected] of table) t.equal(canonical(text), expected, String(text))
})

t.test('odd quantities are read as in Go', async t => {
  // From Go's resource.ParseQuantity and CanonicalizeBytes.
  const table: Array<[string, string]> = [
    ['+0607G', '607G'], ['201.289', '201289m'], ['2.999m', '2999u'], ['-3.999E3', '-3999'], ['1895E3', '1895e3'], ['7.001E', '7001P'], ['014919.m', '14919m'],
    ['1e-1', '100e-3'], ['15e-4', '1500e-6'], ['1e5', '100e3'], ['0e3', '0'], ['-0', '0'], ['-.5k', '-500'], ['999999999999999999999n', '999999999999999999999n'],
    ['0.1Ki', '102400m'], ['-0.5Ki', '-512'], ['-1.5Ki', '-1536'], ['1536Ki', '1536Ki'], ['0.5Gi', '512Mi'], ['1048576Ki', '1Gi'], ['-8Ei', '-9223372036854775807'], ['9223372036854775807', '9223372036854775807']
  ]
  for (const [text, expected] of table) t.equal(canonical(text), expected, text)
})

t.test('values that are not quantities', async t => {
  const table = ['', ' ', '.', 'Ki', '1 Ki', '1ki', '1K', '1e', '1e1.5', '1e99999', '--1', '1,5', '0x10', 'NaN',
    // More than 2⁶³ − 1: Go reads these, but turns them into 0 if it needs an int64.
    '9223372036854775808', '-9223372036854775808', '10E', '1000E', '1e19', '1e99', '1e9999', '1e-100', 1e21, 1e300, 'Infinity', '١', '1'.repeat(65),
    // Go reads these as 0.
    'm', '-', '+', 'e3', '-Gi', '+.M']
  for (const text of table) t.equal(parseQuantity(text), undefined, JSON.stringify(text))
})

t.test('the resources of a container are rounded up to thousandths', async t => {
  const table: Array<[string, string]> = [['100u', '1m'], ['1n', '1m'], ['1500u', '2m'], ['-1500u', '-2m'], ['1.0001Ki', '1024103m'], ['250m', '250m'], ['0', '0']]
  for (const [text, expected] of table) t.equal(formatQuantity(roundUpToMilli(parseQuantity(text)!)), expected, text)
})

t.test('the canonical form is a fixed point of the same amount', async t => {
  const amount = fc.tuple(fc.constantFrom('', '-', '+'), fc.bigInt({ min: 0n, max: 10n ** 15n }), fc.constantFrom('', '.5', '.125'),
    fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'P', 'E', 'Ki', 'Mi', 'Gi', 'e3', 'E-2', 'e+9'))
  fc.assert(fc.property(amount, parts => {
    const quantity = parseQuantity(parts.join(''))
    fc.pre(quantity !== undefined)
    const text = formatQuantity(quantity)
    return parseQuantity(text)!.nano === quantity.nano && formatQuantity(parseQuantity(text)!) === text
  }), { numRuns: runs(2000) })
})

t.test('any text and any number can be read', async t => {
  const odd = fc.oneof(fc.string(), fc.double(), fc.stringMatching(/^[-+]?[0-9.]{0,40}[a-zA-Z]{0,2}[-+]?[0-9]{0,6}$/))
  fc.assert(fc.property(odd, text => {
    const quantity = parseQuantity(text)
    return quantity === undefined || parseQuantity(formatQuantity(quantity))?.nano === quantity.nano || formatQuantity(quantity).length > 64
  }), { numRuns: runs(2000) })
})
