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

const syntax = /^([+-]?)(\d+\.?\d*|\.\d+)(?:([numkMGTPE]?)|([KMGTPE])i|[eE]([+-]?\d{1,4}))$/

const decimalExponents: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const decimalSuffixes = new Map(Object.entries(decimalExponents).map(([suffix, exponent]) => [exponent, suffix]))
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** The longest text that is read as a quantity: what Kubernetes stores is far shorter. */
const maxLength = 64

/** Above this a binary quantity is cut off, as the API server does. */
const maxBinary = (2n ** 63n - 1n) * 10n ** 9n

/**
 * Reads a quantity.
 *
 * @param text what stands in the manifest; a number is read as the text that it prints as
 * @returns the quantity, or undefined when the text is not one
 */
export function parseQuantity (text: string | number): Quantity | undefined {
  const trimmed = String(text).trim()
  const match = trimmed.length <= maxLength ? syntax.exec(trimmed) : null
  if (match === null) return undefined
  const [, sign, number = '', decimal, binary, exponent] = match
  const [whole = '', fraction = ''] = number.split('.')
  const scale = 9 - fraction.length + Number(exponent ?? decimalExponents[decimal ?? ''])
  const factor = binary === undefined ? 1n : 1024n ** BigInt('KMGTPE'.indexOf(binary) + 1)
  let nano = shiftRoundingUp(BigInt(whole + fraction) * factor, scale)
  if (binary !== undefined && nano > maxBinary) nano = maxBinary
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
  if (format !== 'DecimalExponent' && decimalSuffixes.has(exponent)) return `${number}${decimalSuffixes.get(exponent)}`
  return exponent === 0 ? `${number}` : `${number}e${exponent}`
}
