import { Type, type Static } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { checkSchema, maxProblems, quote, under, type FieldError } from './field-error.js'
import { parseJson } from './json.js'
import { isObject, valueAt } from './object.js'
import { formatQuantity, maxAmount, maxQuantityLength, parseQuantity, quantityPattern, roundUpToMilli, type Quantity } from './quantity.js'

/*
 * The compute resources of a container, as far as they can be given in a spec.
 * https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
 */

/** The resources that can be given. */
const resourceNames = ['cpu', 'memory', 'ephemeral-storage'] as const
type ResourceName = typeof resourceNames[number]

/** The pattern and the length are the API server's to check; {@link validateResources} reads the quantity itself. */
const quantity = (description: string) => Type.Optional(Type.Union([Type.Integer(), Type.String()], {
  'x-kubernetes-int-or-string': true,
  maxLength: maxQuantityLength,
  pattern: quantityPattern,
  description
}))

/**
 * The schema of a list of resources: of requests, or of limits.
 *
 * @param description what the container gets by it
 */
export const ResourceList = (description: string) => Type.Optional(Type.Object({
  cpu: quantity('CPU, as a Kubernetes quantity such as 100m.'),
  memory: quantity('Memory, as a Kubernetes quantity such as 64Mi.'),
  'ephemeral-storage': quantity('Local ephemeral storage, as a Kubernetes quantity such as 1Gi.')
}, { description }))

type ResourceList = Static<ReturnType<typeof ResourceList>>

/** What a container asks for, and what it may have at the most. */
export interface Resources {
  requests?: ResourceList
  limits?: ResourceList
}

/**
 * Puts resources over others. Of what they name, in either list, the others say nothing: a limit of theirs could be below a
 * request, or the other way round.
 *
 * @param defaults valid ones
 * @param own valid ones
 */
export function overrideResources (defaults: Resources, own: Resources = {}): Resources {
  const isLeft = (name: string) => own.requests?.[name as ResourceName] === undefined && own.limits?.[name as ResourceName] === undefined
  const over = (list: ResourceList = {}, ownList: ResourceList = {}): ResourceList =>
    ({ ...Object.fromEntries(Object.entries(list).filter(([name]) => isLeft(name))), ...ownList })
  return { requests: over(defaults.requests, own.requests), limits: over(defaults.limits, own.limits) }
}

/**
 * Writes resources in the form in which the API server stores them: canonical quantities, and nothing that is empty.
 *
 * @param resources valid ones
 * @returns undefined where there are none
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
 * Finds what is wrong with resources and a schema does not say: quantities that are none, and requests above their limits.
 * A value of the wrong type, or none, is passed over: that is the schema's to report.
 *
 * @param resources of whatever form
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

/** A quantity where it stands. */
interface FoundQuantity {
  path: string
  text: string
  /** Undefined when the text is not one. */
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
 * Reads resources that somebody has set as JSON, such as `{"requests": {"cpu": "10m"}}`.
 *
 * @param variable where it stands, for the mistakes
 * @param mistakes gets a line for each thing that is wrong
 * @returns undefined where something is
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
