import { stringAt, valueAt, type JsonObject } from '../../src/kubernetes/object.js'
import type { ApiServer, KubeObject, Manifest } from '../harness/api-server.js'
import type { ApplyStrategy } from '../harness/child-manager.js'
import type { Step } from '../harness/cluster.js'
import { applyUpdate } from '../harness/dynamic-apply.js'
import type { CompositeController, Sync } from '../harness/metacontroller.js'
import { childRuleOf } from './composite-controller.js'
import { label } from './finding.js'
import { movesAsked, movesBetween, type Move } from './moves.js'
import { labelOfChild } from './repeated-children.js'

/**
 * Finds children that differ from the hook's answer and that Metacontroller does not update: without an
 * `updateStrategy` it updates no child.
 * https://metacontroller.github.io/metacontroller/api/compositecontroller.html#child-update-strategy
 *
 * @returns a line for each
 */
export function neverUpdated (steps: Step[], api: ApiServer, controller: CompositeController, strategy: ApplyStrategy): string[] {
  // If it does not update, server-side apply does not remember the desired child.
  if (strategy !== 'dynamic-apply') return []
  const last = new Map<string, Sync>()
  for (const step of steps) if (step.type === 'sync' && step.sync.hook === 'sync') last.set(step.sync.parent.metadata.uid, step.sync)
  return [...last.values()].flatMap(({ parent, response }) => lastOfEach(response?.children ?? [], parent).flatMap(child => {
    const rule = childRuleOf(controller, api, child)
    if (rule === undefined || ![undefined, '', 'OnDelete'].includes(rule.updateStrategy?.method)) return []
    const name = stringAt(child, 'metadata', 'name')
    if (name === undefined) return []
    const namespace = stringAt(child, 'metadata', 'namespace') ?? parent.metadata.namespace
    const observed = api.find({ ...child, metadata: { name, namespace } })
    const moves = observed === undefined ? [] : movesLeft(observed, child)
    if (moves.length === 0) return []
    const { path, was, is } = moves[0]!
    return [`${label({ ...child, namespace, name })} is never updated: its updateStrategy is OnDelete, which is the default; ${path} is ${JSON.stringify(was)}, and the hook asks for ${JSON.stringify(is)}`]
  }))
}

/** What an update would change. Metacontroller adds to the metadata of the desired child, so only what is asked for counts there. */
function movesLeft (observed: KubeObject, child: Manifest): Move[] {
  const updated = applyUpdate(observed as KubeObject & JsonObject, child as unknown as JsonObject & { metadata: object })
  return [
    ...movesBetween(observed, updated).filter(({ path }) => !/^metadata\b/.test(path)),
    ...movesAsked(textsOf(observed), textsOf(child))
  ]
}

/** The labels and annotations of an object. */
const textsOf = (object: object) => ({ metadata: Object.fromEntries(['labels', 'annotations'].map(field => [field, valueAt(object, 'metadata', field) ?? {}])) })

/** The children without those that come again later in the answer: Metacontroller takes the last one. */
function lastOfEach (children: Manifest[], parent: KubeObject): Manifest[] {
  return [...new Map(children.map(child => [`${child.apiVersion} ${labelOfChild(child, parent)}`, child])).values()]
}
