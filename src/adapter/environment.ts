import { quote } from '../kubernetes/field-error.js'

/**
 * Reads an environment variable. An empty one counts as not set: Knative sets some of them empty.
 *
 * @param defaultText what is read if the variable is not set
 * @param parse converts the text; returns undefined if the text is not valid
 * @param expected what is valid, in words
 * @param description its purpose: a sentence for the table of docs/configuration.md
 * @returns what `parse` returns. If that is undefined, a mistake is recorded and the value must not be used
 */
export type Read = <T>(variable: string, defaultText: string, parse: (text: string) => T | undefined, expected: string, description: string) => T

/** Not logged: a URL may contain a password, and a PEM text a key. */
const secret = ['K_SINK', 'K_CA_CERTS']

/**
 * Makes the function that reads environment variables.
 *
 * @param mistakes receives a line for each invalid variable
 */
export function makeReader (env: NodeJS.ProcessEnv, mistakes: string[]): Read {
  return (variable, defaultText, parse, expected) => {
    const text = env[variable] || defaultText
    const value = parse(text)
    if (value === undefined) mistakes.push(`${variable} must be ${expected}${secret.includes(variable) ? '' : `, got ${quote(text)}`}`)
    return value as NonNullable<typeof value>
  }
}

/**
 * Reads a number in decimal digits.
 *
 * @returns undefined if the text is not such a number, or is below `least` or above `most`
 */
export function parseInteger (text: string, least: number, most: number): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : NaN
  return value >= least && value <= most ? value : undefined
}

/** Reads a port to listen on; 0 is any free port. */
export function parsePort (text: string): number | undefined {
  return parseInteger(text, 0, 65535)
}
