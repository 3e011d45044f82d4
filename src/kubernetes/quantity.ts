/**
 * Kubernetes resource quantities (`100m`, `1.5Gi`, `1e3`):
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export interface Quantity {
  /** The amount in units of 10⁻⁹, the smallest that Kubernetes stores. */
  nano: bigint
  /** The family of its suffix, kept when it is formatted again. */
  format: 'DecimalSI' | 'BinarySI' | 'DecimalExponent'
}

/**
 * The syntax of a quantity, in RE2 for a CRD's pattern. The API server also accepts exponents of more digits, but such a
 * number is either too large or zero.
 */
export const quantityPattern = '^([+-]?)([0-9]+[.]?[0-9]*|[.][0-9]+)(?:([numkMGTPE]?)|([KMGTPE])i|[eE]([+-]?[0-9]{1,2}))$'

const syntax = new RegExp(quantityPattern)

const decimalExponents: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const decimalSuffixes = new Map(Object.entries(decimalExponents).map(([suffix, exponent]) => [exponent, suffix]))
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** The longest text that is parsed as a quantity: stored ones are far shorter. */
export const maxQuantityLength = 64

/** The largest quantity. */
export const maxAmount = 2n ** 63n - 1n

const maxNano = maxAmount * 10n ** 9n

/**
 * Parses a quantity. Kubernetes' limit is 2⁶³ − 1. The API server caps a larger one with a binary suffix. It stores any
 * other one (`1000E` as `1`), but reads it as 0 when it schedules a pod: here, such a text is not a quantity.
 *
 * @param text from the manifest; a number is parsed as it prints
 * @returns the quantity, or undefined if the text is not one, or is too large
 */
export function parseQuantity (text: string | number): Quantity | undefined {
  const trimmed = String(text).trim()
  const match = trimmed.length <= maxQuantityLength ? syntax.exec(trimmed) : null
  if (match === null) return undefined
  const [, sign, number = '', decimal, binary, exponent] = match
  const [whole = '', fraction = ''] = number.split('.')
  const scale = 9 - fraction.length + Number(exponent ?? decimalExponents[decimal ?? ''])
  const factor = binary === undefined ? 1n : 1024n ** BigInt('KMGTPE'.indexOf(binary) + 1)
  let nano = shiftRoundingUp(BigInt(whole + fraction) * factor, scale)
  if (nano > maxNano) {
    if (binary === undefined) return undefined
    nano = maxNano
  }
  return {
    nano: sign === '-' ? -nano : nano,
    format: binary !== undefined ? 'BinarySI' : exponent !== undefined ? 'DecimalExponent' : 'DecimalSI'
  }
}

/** value × 10^exponent, rounded up, away from zero. */
function shiftRoundingUp (value: bigint, exponent: number): bigint {
  if (exponent >= 0) return value * 10n ** BigInt(exponent)
  if (value < 0n) return -shiftRoundingUp(-value, exponent)
  const divisor = 10n ** BigInt(-exponent)
  return (value + divisor - 1n) / divisor
}

/**
 * Rounds a quantity up to thousandths, as the API server does for the resources of a container
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/v1/defaults.go, `SetDefaults_ResourceList`).
 */
export function roundUpToMilli ({ nano, format }: Quantity): Quantity {
  return { nano: shiftRoundingUp(nano, -6) * 10n ** 6n, format }
}

/**
 * Formats a quantity in its canonical form, in which the API server stores it: no lost digits, no fraction, the largest
 * possible suffix of its family. A binary quantity that fits no binary suffix is written in decimal.
 *
 * @param quantity from {@link parseQuantity}
 * @returns the text, for example `1536Mi` for `1.5Gi`, and `1` for `1000m`
 */
export function formatQuantity ({ nano, format }: Quantity): string {
  return (format === 'BinarySI' && formatBinary(nano)) || formatDecimal(nano, format)
}

/** With a binary suffix, or undefined if none fits: a number without suffix would be a decimal quantity. */
function formatBinary (nano: bigint): string | undefined {
  let number = nano / 10n ** 9n
  if (nano % 10n ** 9n !== 0n || number % 1024n !== 0n || number === 0n) return undefined
  let power = 0
  while (number % 1024n === 0n && power < binarySuffixes.length - 1) {
    number /= 1024n
    power++
  }
  return `${number}${binarySuffixes[power]}`
}

function formatDecimal (nano: bigint, format: Quantity['format']): string {
  let number = nano
  let exponent = -9
  while (number !== 0n && number % 1000n === 0n) {
    number /= 1000n
    exponent += 3
  }
  if (number === 0n) exponent = 0
  if (format !== 'DecimalExponent') return `${number}${decimalSuffixes.get(exponent)}`
  return exponent === 0 ? `${number}` : `${number}e${exponent}`
}
