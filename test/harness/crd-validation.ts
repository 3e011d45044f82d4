import { isIP } from 'node:net'
import { Ajv, type ErrorObject } from 'ajv'
import { isObject, type JsonObject } from '../../src/kubernetes/object.js'
import { parseDuration } from '../../src/knative/duration.js'
import { equal } from './json.js'

/*
 * Validates an object by the schema of its CustomResourceDefinition, as the API server does, without the CEL rules.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
 */

/** The formats that are checked here. The API server knows more, and ignores unknown ones. */
export const formats: Record<string, (value: any) => boolean> = {
  int32: value => Math.abs(value) <= 2 ** 31,
  int64: value => Math.abs(value) <= 2 ** 63,
  float: () => true,
  double: () => true,
  'date-time': value => /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/.test(value) && !Number.isNaN(Date.parse(value)),
  date: value => /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value)),
  duration: value => parseDuration(value) !== undefined,
  byte: value => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value),
  password: () => true,
  uri: value => URL.canParse(value) || value.startsWith('/'),
  hostname: value => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i.test(value),
  ipv4: value => isIP(value) === 4,
  ipv6: value => isIP(value) === 6,
  uuid: value => /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(value)
}

/**
 * Compiles a structural schema into a validator.
 *
 * @param openApi a structural schema
 * @returns a function that returns the problems of a value, in the words of the API server
 */
export function makeValidator (openApi: JsonObject): (value: unknown) => string[] {
  // The schema is generated here, so it needs no validation.
  const ajv = new Ajv({ allErrors: true, strict: false, verbose: true, validateSchema: false })
  for (const [name, validate] of Object.entries(formats)) {
    ajv.addFormat(name, ['int32', 'int64', 'float', 'double'].includes(name) ? { type: 'number', validate } : { type: 'string', validate })
  }
  ajv.addKeyword({ keyword: 'distinctBy', type: 'array', validate: (keys: string[], items: unknown[]) => duplicateOf(items, keys) === undefined })
  const check = ajv.compile(toJsonSchema(openApi))
  return value => {
    if (check(value)) return []
    const errors = (check.errors ?? []).filter(({ schemaPath }) => !/\/(anyOf|oneOf|not)\/./.test(schemaPath))
    const mistyped = new Set(errors.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath))
    // If the type is wrong, nothing else is reported.
    return errors.filter(({ keyword, instancePath }) => keyword === 'type' || !mistyped.has(instancePath)).map(error => describe(error, pathOf(error.instancePath, value)))
  }
}

/** Converts a structural schema to JSON Schema. */
function toJsonSchema (openApi: unknown): JsonObject {
  if (!isObject(openApi)) return {}
  const { type, nullable, minimum, exclusiveMinimum, maximum, exclusiveMaximum, properties, required, additionalProperties, items, not, format, ...rest } = openApi
  const isIntOrString = rest['x-kubernetes-int-or-string'] === true
  const isEmbedded = rest['x-kubernetes-embedded-resource'] === true
  const types = [...(isIntOrString ? ['integer', 'string'] : type === undefined ? [] : [type]), ...(nullable === true ? ['null'] : [])]
  const words = Object.entries(rest).filter(([word]) => !word.startsWith('x-') && !['default', 'example', 'externalDocs', 'title', 'description'].includes(word))
  const listType = rest['x-kubernetes-list-type']
  return {
    ...Object.fromEntries(words.map(([word, value]) => [word, Array.isArray(value) && word !== 'enum' ? value.map(toJsonSchema) : value])),
    ...(types.length > 0 && (type !== undefined || isIntOrString) && { type: types }),
    ...(typeof format === 'string' && format in formats && { format }),
    ...(minimum !== undefined && { [exclusiveMinimum === true ? 'exclusiveMinimum' : 'minimum']: minimum }),
    ...(maximum !== undefined && { [exclusiveMaximum === true ? 'exclusiveMaximum' : 'maximum']: maximum }),
    ...((isEmbedded || required !== undefined) && { required: [...(Array.isArray(required) ? required : []), ...(isEmbedded ? ['apiVersion', 'kind'] : [])] }),
    ...(isObject(properties) && { properties: Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, toJsonSchema(property)])) }),
    ...(isObject(additionalProperties) && { additionalProperties: toJsonSchema(additionalProperties) }),
    ...(items !== undefined && { items: toJsonSchema(items) }),
    ...(not !== undefined && { not: toJsonSchema(not) }),
    ...((listType === 'set' || listType === 'map') && { distinctBy: listType === 'map' ? rest['x-kubernetes-list-map-keys'] : [] })
  }
}

/** The first duplicate in a list, by some keys or by the whole item. */
function duplicateOf (items: unknown[], keys: string[]): { index: number, value: unknown } | undefined {
  const identities = items.map(item => keys.length === 0 || !isObject(item) ? item : Object.fromEntries(keys.map(key => [key, item[key] ?? null])))
  const index = identities.findIndex((identity, index) => identities.slice(0, index).some(other => equal(identity, other)))
  return index < 0 ? undefined : { index, value: identities[index] }
}

/** A JSON pointer as a path of the API server: `spec.list[0].name`. */
function pathOf (pointer: string, value: unknown): string {
  let path = ''
  let current: any = value
  for (const step of pointer.split('/').slice(1).map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))) {
    path += Array.isArray(current) ? `[${step}]` : path === '' ? step : `.${step}`
    current = current[step]
  }
  return path
}

function describe ({ keyword, params, data, schema, parentSchema }: ErrorObject, path: string): string {
  const shown = typeof data === 'object' ? '""' : JSON.stringify(data)
  const inBody = (text: string) => `${path}: Invalid value: ${shown}: ${path} in body ${text}`
  switch (keyword) {
    case 'type': return `${path}: Invalid value: "${typeName(data)}": ${path} in body must be of type ${[schema].flat().filter(type => type !== 'null').join(',')}: "${typeName(data)}"`
    case 'required': return `${path === '' ? '' : `${path}.`}${params['missingProperty']}: Required value`
    case 'enum': return `${path}: Unsupported value: ${JSON.stringify(data)}: supported values: ${(schema as unknown[]).map(one => JSON.stringify(one)).join(', ')}`
    case 'maxLength': return `${path}: Too long: may not be more than ${schema} bytes`
    case 'minLength': return inBody(`should be at least ${schema} chars long`)
    case 'pattern': return inBody(`should match '${schema}'`)
    case 'format': return inBody(`must be of type ${schema}: ${shown}`)
    case 'minimum': return inBody(`should be greater than or equal to ${schema}`)
    case 'exclusiveMinimum': return inBody(`should be greater than ${schema}`)
    case 'maximum': return inBody(`should be less than or equal to ${schema}`)
    case 'exclusiveMaximum': return inBody(`should be less than ${schema}`)
    case 'multipleOf': return inBody(`should be a multiple of ${schema}`)
    case 'minItems': return `${path}: Invalid value: ${(data as unknown[]).length}: ${path} in body should have at least ${schema} items`
    case 'maxItems': return `${path}: Too many: ${(data as unknown[]).length}: must have at most ${schema} items`
    case 'minProperties': return `${path}: Invalid value: ${Object.keys(data as object).length}: ${path} in body should have at least ${schema} properties`
    case 'maxProperties': return `${path}: Too many: ${Object.keys(data as object).length}: must have at most ${schema} items`
    case 'anyOf': return `${path}: Invalid value: ${shown}: must validate at least one schema (anyOf)`
    case 'oneOf': return `${path}: Invalid value: ${shown}: must validate one and only one schema (oneOf)`
    case 'not': return `${path}: Invalid value: ${shown}: must not validate the schema (not)`
    case 'distinctBy': {
      const { index, value } = duplicateOf(data as unknown[], (parentSchema as JsonObject)['distinctBy'] as string[])!
      return `${path}[${index}]: Duplicate value: ${JSON.stringify(value)}`
    }
    default: throw new Error(`unknown keyword ${keyword} at ${path}`)
  }
}

function typeName (value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value
}
