import type { KubernetesObject } from '../kubernetes/object.js'
import { keepAll } from './children.js'
import type { ObjectMap } from './protocol.js'

/**
 * Deletes a parent's children, one kind after the other: a kind is deleted once no child of the previous one is observed.
 * All other observed children are kept.
 *
 * @param children the observed ones
 * @param order the kinds, such as `Deployment.apps/v1`
 * @returns the answer of a finalize hook
 */
export function tearDown (children: ObjectMap, order: string[]): { children: KubernetesObject[], finalized: boolean } {
  const next = order.find(group => keepAll({ [group]: children[group] ?? {} }).length > 0)
  const kept: ObjectMap = Object.fromEntries(Object.entries(children).filter(([group]) => group !== next))
  return { children: keepAll(kept), finalized: next === undefined }
}
