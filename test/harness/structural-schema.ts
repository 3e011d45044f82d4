import { Ajv } from 'ajv'
import { isObject, valueAt, type JsonObject } from '../../src/kubernetes/object.js'
import { formats, makeValidator } from './crd-validation.js'

/*
 * What the API server requires of the schema of a CustomResourceDefinition.
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */

const text = { type: 'string' }
const flag = { type: 'boolean' }
const number = { type: 'number' }
const count = { type: 'integer', minimum: 0 }
const names = { type: 'array', items: text }
const node = { $ref: '#' }
const inner = { $ref: '#/$defs/inner' }
const type = { enum: ['object', 'array', 'string', 'integer', 'number', 'boolean'] }

/** The keywords that validate a value. They are allowed everywhere. */
const valueWords = {
  title: text,
  example: true,
  externalDocs: { type: 'object' },
  format: { enum: Object.keys(formats) },
  enum: { type: 'array', minItems: 1 },
  minLength: count,
  maxLength: count,
  pattern: text,
  minimum: number,
  maximum: number,
  // Booleans, not numbers as in later drafts of JSON Schema.
  exclusiveMinimum: flag,
  exclusiveMaximum: flag,
  multipleOf: { type: 'number', exclusiveMinimum: 0 },
  minItems: count,
  maxItems: count,
  uniqueItems: { const: false },
  minProperties: count,
  maxProperties: count,
  required: names,
  allOf: { type: 'array', minItems: 1, items: inner },
  anyOf: { type: 'array', minItems: 1, items: inner },
  oneOf: { type: 'array', minItems: 1, items: inner },
  not: inner
}

const validation = {
  type: 'object',
  required: ['rule'],
  additionalProperties: false,
  properties: { rule: text, message: text, messageExpression: text, reason: text, fieldPath: text, optionalOldSelf: flag }
}

/**
 * The form of a structural schema: https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/#JSONSchemaProps
 * Forbidden keywords: `$ref`, `$schema`, `id`, `definitions`, `dependencies`, `patternProperties`, `additionalItems`.
 */
const form = {
  $defs: {
    // Within allOf, anyOf, oneOf and not, a schema validates values and does not declare fields.
    inner: {
      type: 'object',
      additionalProperties: false,
      properties: { ...valueWords, type: { enum: ['integer', 'string'] }, properties: { type: 'object', additionalProperties: inner }, items: inner }
    }
  },
  type: 'object',
  additionalProperties: false,
  properties: {
    ...valueWords,
    description: text,
    type,
    default: true,
    nullable: flag,
    properties: { type: 'object', additionalProperties: node },
    additionalProperties: { anyOf: [{ const: true }, node] },
    items: node,
    'x-kubernetes-embedded-resource': flag,
    'x-kubernetes-int-or-string': flag,
    'x-kubernetes-list-map-keys': { ...names, minItems: 1 },
    'x-kubernetes-list-type': { enum: ['atomic', 'set', 'map'] },
    'x-kubernetes-map-type': { enum: ['granular', 'atomic'] },
    'x-kubernetes-preserve-unknown-fields': { const: true },
    'x-kubernetes-validations': { type: 'array', items: validation }
  }
}

const hasForm = new Ajv({ allErrors: true, strict: false, verbose: true }).compile(form)

/**
 * Finds why the API server refuses a schema as not structural: each path with its problem.
 *
 * @param openApi the schema in a CustomResourceDefinition
 */
export function structuralProblems (openApi: unknown): string[] {
  if (!hasForm(openApi)) {
    return (hasForm.errors ?? []).map(({ instancePath, message, params }) => `${instancePath}: ${message}${params['additionalProperty'] === undefined ? '' : `: ${params['additionalProperty']}`}`)
  }
  const metadata = Object.keys(valueAt(openApi, 'properties', 'metadata', 'properties') ?? {}).filter(name => name !== 'name' && name !== 'generateName')
  return [...metadata.map(name => `/properties/metadata: only name and generateName can be restricted, not ${name}`), ...problemsOf(openApi as JsonObject, '')]
}

function problemsOf (schema: JsonObject, path: string): string[] {
  const { type, properties, additionalProperties, items, ...rest } = schema
  const isIntOrString = rest['x-kubernetes-int-or-string'] === true
  const problems: string[] = []
  const report = (isWrong: boolean, problem: string) => { if (isWrong) problems.push(`${path}: ${problem}`) }
  report(type === undefined && !isIntOrString && rest['x-kubernetes-preserve-unknown-fields'] !== true, 'a type is required')
  report(isIntOrString && type !== undefined, 'x-kubernetes-int-or-string forbids a type')
  report(properties !== undefined && additionalProperties !== undefined, 'properties and additionalProperties exclude each other')
  report((properties !== undefined || additionalProperties !== undefined) && type !== 'object', 'only an object has properties')
  report((items !== undefined) !== (type === 'array'), 'an array has items, and nothing else has')
  report(rest['x-kubernetes-embedded-resource'] === true && type !== 'object', 'an embedded resource is an object')
  report((rest['x-kubernetes-list-type'] === 'map') !== (rest['x-kubernetes-list-map-keys'] !== undefined), 'x-kubernetes-list-map-keys go with x-kubernetes-list-type map')
  for (const key of (rest['x-kubernetes-list-map-keys'] ?? []) as string[]) {
    const isThere = ((valueAt(items, 'required') ?? []) as string[]).includes(key) || valueAt(items, 'properties', key, 'default') !== undefined
    report(!isThere, `the key ${key} must be required, or have a default`)
  }
  problems.push(...junctorProblems(schema, schema, path, isIntOrString))
  if ('default' in rest) problems.push(...defaultProblems(schema, rest['default'], path))
  for (const [name, property] of Object.entries(isObject(properties) ? properties : {})) problems.push(...problemsOf(property as JsonObject, `${path}/properties/${name}`))
  if (isObject(additionalProperties)) problems.push(...problemsOf(additionalProperties, `${path}/additionalProperties`))
  if (isObject(items)) problems.push(...problemsOf(items, `${path}/items`))
  return problems
}

/** Fields in a junctor must be declared outside of it. Also checks that Go supports the patterns. */
function junctorProblems (schema: JsonObject, outside: unknown, path: string, mayHaveType: boolean): string[] {
  const pattern = schema['pattern']
  const problems = typeof pattern === 'string' && !isGoPattern(pattern) ? [`${path}: the pattern is not a regular expression of Go: ${pattern}`] : []
  const within = ['allOf', 'anyOf', 'oneOf'].flatMap(word => ((schema[word] ?? []) as JsonObject[]).map((one, index): [string, JsonObject] => [`${path}/${word}/${index}`, one]))
  if (isObject(schema['not'])) within.push([`${path}/not`, schema['not']])
  for (const [innerPath, one] of within) problems.push(...innerProblems(one, outside, innerPath, mayHaveType))
  return problems
}

function innerProblems (one: JsonObject, outside: unknown, path: string, mayHaveType: boolean): string[] {
  const problems = one['type'] !== undefined && !mayHaveType ? [`${path}: a type is forbidden here`] : []
  for (const [name, property] of Object.entries(isObject(one['properties']) ? one['properties'] : {})) {
    const named = valueAt(outside, 'properties', name)
    if (named === undefined) problems.push(`${path}: ${name} must be among the properties outside`)
    problems.push(...innerProblems(property as JsonObject, named, `${path}/properties/${name}`, false))
  }
  if (isObject(one['items'])) problems.push(...innerProblems(one['items'], valueAt(outside, 'items'), `${path}/items`, false))
  return [...problems, ...junctorProblems(one, outside, path, mayHaveType)]
}

/** Go's have no lookahead, lookbehind or backreferences: https://github.com/google/re2/wiki/Syntax */
function isGoPattern (pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') !== undefined && !/\(\?<?[=!]|\\[1-9]|\\k</.test(pattern)
  } catch {
    return false
  }
}

function defaultProblems (schema: JsonObject, value: unknown, path: string): string[] {
  if (value === null && schema['nullable'] !== true) return [`${path}: the default is null, but the value is not nullable`]
  return makeValidator({ type: 'object', properties: { default: schema } })({ default: value }).map(problem => `${path}: ${problem}`)
}
