import type { KubernetesObject } from '../kubernetes/object.js'
import { keepAll } from './children.js'
import type { ObjectMap } from './protocol.js'

/**
 * Takes a parent's children away, one kind after the other: the next kind once none of the one before is observed any
 * more. Whatever else is observed is kept.
 *
 * @param children the observed ones
 * @param order the kinds, such as `Deployment.apps/v1`
 * @returns what a finalize hook answers
 */
export function tearDown (children: ObjectMap, order: string[]): { children: KubernetesObject[], finalized: boolean } {
  const next = order.find(group => keepAll({ [group]: children[group] ?? {} }).length > 0)
  const kept: ObjectMap = Object.fromEntries(Object.entries(children).filter(([group]) => group !== next))
  return { children: keepAll(kept), finalized: next === undefined }
}
