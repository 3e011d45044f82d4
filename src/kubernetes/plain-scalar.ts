/*
 * What a YAML scalar without quotes is to kubectl. Its parser is go-yaml 2, which reads YAML 1.1 with some own rules:
 * https://github.com/yaml/go-yaml/blob/v2.4.2/resolve.go
 */

const words = new Map<string, unknown>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word): [string, unknown] => [word, true]),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word): [string, unknown] => [word, false]),
  ...['', '~', 'null', 'Null', 'NULL'].map((word): [string, unknown] => [word, null]),
  ...['.nan', '.NaN', '.NAN'].map((word): [string, unknown] => [word, NaN]),
  ...['.inf', '.Inf', '.INF'].flatMap((word): Array<[string, unknown]> => [[word, Infinity], [`+${word}`, Infinity], [`-${word}`, -Infinity]])
])

/**
 * The value of a scalar without quotes. In go-yaml, base 60 is not a number, and a date stays text.
 *
 * @returns a string, a number (also NaN and the infinities), a boolean, or null. Integers beyond 2^53 are rounded
 */
export function resolvePlain (text: string): unknown {
  if (words.has(text)) return words.get(text)
  if (/^[-+\d]/.test(text)) return readNumber(text.replaceAll('_', '')) ?? text
  return /^\.\d+(?:_\d+)*(?:[eE][-+]?\d+(?:_\d+)*)?$/.test(text) ? toFinite(text.replaceAll('_', '')) ?? text : text
}

function readNumber (text: string): number | undefined {
  return readInteger(text) ?? (/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(text) ? toFinite(text) : undefined)
}

/** A 64-bit integer in Go's notations: a leading zero makes it octal. */
function readInteger (text: string): number | undefined {
  const [, sign, digits] = /^([-+]?)(0[xX][\da-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9]\d*)$/.exec(text) ?? []
  if (digits === undefined) return undefined
  const size = BigInt(/^0\d/.test(digits) ? `0o${digits.slice(1)}` : digits)
  if (size >= (sign === '' ? 2n ** 64n : sign === '+' ? 2n ** 63n : 2n ** 63n + 1n)) return undefined
  return Number(sign === '-' ? -size : size)
}

/** Undefined if it is too large. */
function toFinite (text: string): number | undefined {
  const number = Number(text)
  return Number.isFinite(number) ? number : undefined
}
