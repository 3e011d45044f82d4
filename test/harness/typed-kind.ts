import { isObject, type JsonObject } from '../../src/kubernetes/object.js'
import { formatQuantity, parseQuantity, roundUpToMilli } from '../../src/kubernetes/quantity.js'
import { ApiError } from './api-error.js'
import type { Scalar, Schema } from './schema.js'

/*
 * How the API server reads an object of a kind with a Go type: unknown fields are dropped, and so are
 * empty values, unless the Go type distinguishes empty from absent.
 */

/**
 * Converts a value to its stored form.
 *
 * @param path of the value, for the error
 * @returns undefined if the value is not stored
 * @throws ApiError if the value has the wrong type
 */
export function storedForm (value: unknown, schema: Schema, path = ''): unknown {
  switch (schema.type) {
    case 'any':
      return value === null ? undefined : value
    case 'scalar':
      return value === null || value === undefined ? undefined : storedScalar(value, schema.go, path)
    case 'list': {
      if (value === null || value === undefined) return undefined
      if (!Array.isArray(value)) throw mismatch(value, 'array', path)
      const items = value.map(item => storedForm(item, schema.items, path) ?? '')
      return items.length > 0 ? items : undefined
    }
    case 'map': {
      if (value === null || value === undefined) return undefined
      if (!isObject(value)) throw mismatch(value, 'object', path)
      const entries = Object.entries(value).map(([key, item]) => [key, storedForm(item, schema.values, path) ?? ''])
      return entries.length > 0 ? Object.fromEntries(entries) : undefined
    }
    case 'struct': {
      if (value === null || value === undefined) return schema.always === true ? storedForm({}, schema, path) : undefined
      if (!isObject(value)) throw mismatch(value, 'object', path)
      const result: JsonObject = {}
      for (const [name, field] of Object.entries(schema.fields)) {
        const stored = storedForm(value[name], field, path === '' ? name : `${path}.${name}`)
        if (stored !== undefined) result[name] = stored
      }
      return result
    }
  }
}

function storedScalar (value: unknown, go: Scalar['go'], path: string): unknown {
  switch (go) {
    case 'string':
    case '*string':
      if (typeof value !== 'string') throw mismatch(value, 'string', path)
      return value === '' && go === 'string' ? undefined : value
    case 'bool':
    case '*bool':
      if (typeof value !== 'boolean') throw mismatch(value, 'bool', path)
      return !value && go === 'bool' ? undefined : value
    case 'int':
    case '*int':
      if (!Number.isInteger(value)) throw mismatch(value, 'int', path)
      return value === 0 && go === 'int' ? undefined : value
    case 'quantity': {
      const quantity = typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined
      if (quantity === undefined) throw badRequest(`${path}: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`)
      return formatQuantity(roundUpToMilli(quantity))
    }
    default:
      return value
  }
}

function mismatch (value: unknown, expected: string, path: string): ApiError {
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  return badRequest(`json: cannot unmarshal ${kind} into Go struct field ${path} of type ${expected}`)
}

function badRequest (message: string): ApiError {
  return new ApiError(400, 'BadRequest', message)
}

/**
 * Finds a field that is not in the schema, which server-side apply refuses.
 *
 * @returns its path, such as `.spec.bogus`
 */
export function undeclaredField (value: unknown, schema: Schema, path = ''): string | undefined {
  if (Array.isArray(value) && schema.type === 'list') {
    return firstOf(value, (item, index) => undeclaredField(item, schema.items, `${path}[${index}]`))
  }
  if (!isObject(value)) return undefined
  if (schema.type === 'map') return firstOf(Object.entries(value), ([key, item]) => undeclaredField(item, schema.values, `${path}.${key}`))
  if (schema.type !== 'struct') return undefined
  return firstOf(Object.entries(value), ([name, field]) => {
    const inner = schema.fields[name]
    return inner === undefined || !Object.hasOwn(schema.fields, name) ? `${path}.${name}` : undeclaredField(field, inner, `${path}.${name}`)
  })
}

function firstOf<T> (items: T[], find: (item: T, index: number) => string | undefined): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = find(item, index)
    if (found !== undefined) return found
  }
  return undefined
}
