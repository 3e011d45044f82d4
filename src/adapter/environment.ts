import { quote } from '../kubernetes/field-error.js'

/**
 * Reads an environment variable. One that is empty counts as one that is not set: Knative sets some of them empty.
 *
 * @param defaultText what is read where it is not set
 * @param parse makes the value of the text; undefined where the text is none that it should be
 * @param expected what it should be, in words
 * @param description what it is for: a sentence for the table of docs/configuration.md
 * @returns what `parse` makes of it. Where it makes nothing of it, that is a mistake, and the value must not be used
 */
export type Read = <T>(variable: string, defaultText: string, parse: (text: string) => T | undefined, expected: string, description: string) => T

/** What the log must not repeat: a URL may have a password in it, and a PEM text a key. */
const secret = ['K_SINK', 'K_CA_CERTS']

/**
 * Makes the function that reads an environment.
 *
 * @param mistakes gets a line for each variable that is wrong
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
 * @returns undefined where the text is none, or one below `least` or above `most`
 */
export function parseInteger (text: string, least: number, most: number): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : NaN
  return value >= least && value <= most ? value : undefined
}

/** Reads a port to listen on; 0 for any that is free. */
export function parsePort (text: string): number | undefined {
  return parseInteger(text, 0, 65535)
}
