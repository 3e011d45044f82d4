import type { Static, TObject } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { checkSchema } from './field-error.js'

/** Either the values of the variables, or a line for each mistake, with the variable and what it must be. */
export type EnvironmentResult<Schema extends TObject> =
  | { environment: Static<Schema>, mistakes?: never }
  | { environment?: never, mistakes: string[] }

/**
 * Reads a container's environment variables by a schema: integers, and texts without conversion. An empty variable counts
 * as not set.
 *
 * @param schema with a property for each variable; one without a default is required
 * @param env such as `process.env`
 */
export function readEnvironment<Schema extends TObject> (schema: Schema, env: Record<string, string | undefined>): EnvironmentResult<Schema> {
  const values = Object.fromEntries(Object.entries(schema.properties).map(([variable, { type, default: defaultValue }]) => {
    const text = env[variable] || undefined
    return [variable, text === undefined ? defaultValue : type === 'integer' ? parseInteger(text) : text]
  }))
  const errors = checkSchema(TypeCompiler.Compile(schema), values, '', Infinity)
  return errors.length === 0
    ? { environment: values as Static<Schema> }
    : { mistakes: errors.map(({ path, message }) => `${path}: ${message}`) }
}

/** Returns a text that is not an integer unchanged; `Number` alone would also accept an empty one, or `1e3`. */
function parseInteger (text: string): number | string {
  return /^-?\d+$/.test(text) ? Number(text) : text
}
