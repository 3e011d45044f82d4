import { Type, type Static } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { checkSchema, maxProblems, quote, under, type FieldError } from './field-error.js'
import { parseJson } from './json.js'
import { isObject, valueAt } from './object.js'
import { formatQuantity, maxAmount, maxQuantityLength, parseQuantity, quantityPattern, roundUpToMilli, type Quantity } from './quantity.js'

/*
 * The compute resources of a container, with the fields that a spec may set.
 * https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
 */

/** The resources that a spec may set. */
const resourceNames = ['cpu', 'memory', 'ephemeral-storage'] as const
type ResourceName = typeof resourceNames[number]

/** The API server checks the pattern and the length; {@link validateResources} parses the quantity. */
const quantity = (description: string) => Type.Optional(Type.Union([Type.Integer(), Type.String()], {
  'x-kubernetes-int-or-string': true,
  maxLength: maxQuantityLength,
  pattern: quantityPattern,
  description
}))

/**
 * The schema of a list of resources: requests or limits.
 *
 * @param description what the list does for the container
 */
export const ResourceList = (description: string) => Type.Optional(Type.Object({
  cpu: quantity('CPU, as a Kubernetes quantity such as 100m.'),
  memory: quantity('Memory, as a Kubernetes quantity such as 64Mi.'),
  'ephemeral-storage': quantity('Local ephemeral storage, as a Kubernetes quantity such as 1Gi.')
}, { description }))

type ResourceList = Static<ReturnType<typeof ResourceList>>

/** The requests and limits of a container. */
export interface Resources {
  requests?: ResourceList
  limits?: ResourceList
}

/**
 * Overrides default resources. For a resource that `own` sets in either list, the defaults are ignored: a default limit
 * could be below an own request, or the other way round.
 *
 * @param defaults valid resources
 * @param own valid resources
 */
export function overrideResources (defaults: Resources, own: Resources = {}): Resources {
  const isLeft = (name: string) => own.requests?.[name as ResourceName] === undefined && own.limits?.[name as ResourceName] === undefined
  const over = (list: ResourceList = {}, ownList: ResourceList = {}): ResourceList =>
    ({ ...Object.fromEntries(Object.entries(list).filter(([name]) => isLeft(name))), ...ownList })
  return { requests: over(defaults.requests, own.requests), limits: over(defaults.limits, own.limits) }
}

/**
 * Converts resources into the form in which the API server stores them: canonical quantities, and no empty fields.
 *
 * @param resources valid resources
 * @returns undefined if there are none
 */
export function makeResources ({ requests, limits }: Resources = {}): Record<string, Record<string, string>> | undefined {
  const lists = Object.entries({ requests: canonical(requests), limits: canonical(limits) })
    .filter(([, list]) => Object.keys(list).length > 0)
  return lists.length > 0 ? Object.fromEntries(lists) : undefined
}

function canonical (list: ResourceList = {}): Record<string, string> {
  return Object.fromEntries(resourceNames.flatMap(name => {
    const text = list[name]
    const quantity = text === undefined ? undefined : parseQuantity(text)
    return quantity === undefined ? [] : [[name, formatQuantity(roundUpToMilli(quantity))]]
  }))
}

/**
 * Validates what a schema cannot express: malformed quantities, and requests above their limits. Values that are missing
 * or of the wrong type are left to the schema.
 *
 * @param resources in any form
 * @returns every problem, with its path in the resources
 */
export function validateResources (resources: unknown): FieldError[] {
  return resourceNames.flatMap(name => {
    const request = quantityAt(resources, 'requests', name)
    const limit = quantityAt(resources, 'limits', name)
    const problems = [...validateQuantity(request), ...validateQuantity(limit)]
    return problems.length > 0 ? problems : validateRequest(request, limit)
  })
}

/** A quantity and its path. */
interface FoundQuantity {
  path: string
  text: string
  /** Undefined if the text is not a quantity. */
  quantity: Quantity | undefined
}

function quantityAt (resources: unknown, list: string, name: string): FoundQuantity | undefined {
  const value = valueAt(resources, list, name)
  if (typeof value !== 'string' && !Number.isInteger(value)) return undefined
  const text = String(value)
  return { path: `${list}.${name}`, text, quantity: parseQuantity(text) }
}

function validateQuantity (found: FoundQuantity | undefined): FieldError[] {
  if (found === undefined || (found.quantity?.nano ?? -1n) >= 0n) return []
  return [{ path: found.path, message: `expected a Kubernetes quantity such as 100m or 64Mi, from 0 to ${maxAmount}, got ${quote(found.text)}` }]
}

function validateRequest (request: FoundQuantity | undefined, limit: FoundQuantity | undefined): FieldError[] {
  if (request?.quantity === undefined || limit?.quantity === undefined || request.quantity.nano <= limit.quantity.nano) return []
  return [{ path: request.path, message: `expected at most the limit of ${limit.text}, got ${request.text}` }]
}

const closed = { additionalProperties: false }
const resourcesSchema = TypeCompiler.Compile(Type.Object({
  requests: Type.Optional(Type.Object(ResourceList('').properties, closed)),
  limits: Type.Optional(Type.Object(ResourceList('').properties, closed))
}, closed))

/**
 * Parses resources given as JSON, such as `{"requests": {"cpu": "10m"}}`.
 *
 * @param variable the environment variable, for the mistakes
 * @param mistakes receives a line for each mistake
 * @returns undefined if there is a mistake
 */
export function parseResources (text: string, variable: string, mistakes: string[]): Resources | undefined {
  const resources = parseJson(text)
  if (!isObject(resources)) {
    mistakes.push(`${variable}: expected a JSON object such as {"requests":{"memory":"64Mi"}}, got ${quote(text)}`)
    return undefined
  }
  const problems = [...checkSchema(resourcesSchema, resources, variable, maxProblems), ...under(variable, validateResources(resources))]
  mistakes.push(...problems.map(({ path, message }) => `${path}: ${message}`))
  return problems.length === 0 ? resources : undefined
}
