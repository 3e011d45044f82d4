import { Type, type Static } from '@sinclair/typebox'
import { quote, type FieldError } from './field-error.js'
import { valueAt } from './object.js'
import { formatQuantity, maxAmount, maxQuantityLength, parseQuantity, quantityPattern, roundUpToMilli, type Quantity } from './quantity.js'

/*
 * The compute resources of a container, as far as they can be given in a spec.
 * https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/
 */

/** The resources that can be given. */
const resourceNames = ['cpu', 'memory', 'ephemeral-storage'] as const

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
