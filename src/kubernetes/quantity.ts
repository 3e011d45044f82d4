/**
 * Kubernetes resource quantities (`100m`, `1.5Gi`, `1e3`), after
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export interface Quantity {
  /** The amount in units of 10⁻⁹, the finest that Kubernetes keeps. */
  nano: bigint
  /** The family of suffixes the quantity was written in, which it keeps when it is written again. */
  format: 'DecimalSI' | 'BinarySI' | 'DecimalExponent'
}

/**
 * The syntax of a quantity, in RE2 too, for the pattern of a CRD. The API server reads exponents of more digits: a number
 * that needs one is either too large or nothing.
 */
export const quantityPattern = '^([+-]?)([0-9]+[.]?[0-9]*|[.][0-9]+)(?:([numkMGTPE]?)|([KMGTPE])i|[eE]([+-]?[0-9]{1,2}))$'

const syntax = new RegExp(quantityPattern)

const decimalExponents: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const decimalSuffixes = new Map(Object.entries(decimalExponents).map(([suffix, exponent]) => [exponent, suffix]))
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** The longest text that is read as a quantity: what Kubernetes stores is far shorter. */
export const maxQuantityLength = 64

/** The most that a quantity may be. */
export const maxAmount = 2n ** 63n - 1n

const maxNano = maxAmount * 10n ** 9n

/**
 * Reads a quantity. Kubernetes allows none above 2⁶³ − 1. What is larger and has a binary suffix, the API server cuts off
 * there; the rest it stores (`1000E` as `1`), and then reads as 0 when it schedules a pod: such a text is no quantity here.
 *
 * @param text what stands in the manifest; a number is read as the text that it prints as
 * @returns the quantity, or undefined when the text is not one, or too large
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

/** value × 10^exponent, where digits that are lost round the result up, away from zero. */
function shiftRoundingUp (value: bigint, exponent: number): bigint {
  if (exponent >= 0) return value * 10n ** BigInt(exponent)
  if (value < 0n) return -shiftRoundingUp(-value, exponent)
  const divisor = 10n ** BigInt(-exponent)
  return (value + divisor - 1n) / divisor
}

/**
 * Rounds a quantity up to thousandths, as the API server does with the resources of a container
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/core/v1/defaults.go, `SetDefaults_ResourceList`).
 */
export function roundUpToMilli ({ nano, format }: Quantity): Quantity {
  return { nano: shiftRoundingUp(nano, -6) * 10n ** 6n, format }
}

/**
 * Writes a quantity in its canonical form, the one in which the API server stores it: no digit lost, no fraction, the
 * largest suffix of its family that allows it. A binary quantity that no binary suffix fits is written in decimal.
 *
 * @param quantity from {@link parseQuantity}
 * @returns the text, `1536Mi` for `1.5Gi`, `1` for `1000m`
 */
export function formatQuantity ({ nano, format }: Quantity): string {
  return (format === 'BinarySI' && formatBinary(nano)) || formatDecimal(nano, format)
}

/** With a binary suffix, or undefined where none fits: without one the API server would read a decimal quantity. */
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
