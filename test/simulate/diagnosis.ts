import { stringAt, type JsonObject } from '../../src/kubernetes/object.js'
import type { KubeObject, Write } from '../harness/api-server.js'
import { manager as metacontroller } from '../harness/child-manager.js'
import { manager as garbageCollector } from '../harness/garbage-collector.js'
import type { Step } from '../harness/cluster.js'
import { lastAppliedAnnotation } from '../harness/dynamic-apply.js'
import type { HookResponse } from '../harness/hook-client.js'
import { controllerOf } from '../harness/resource.js'
import { label, type Finding } from './finding.js'
import { movesAsked, movesBetween, type Move } from './moves.js'

/* Finds out why a cluster does not come to rest, from the steps that happened in it. */

/** A write, and the hook's answer in the sync that made it. */
interface AnsweredWrite {
  write: Write
  response: HookResponse | undefined
}

export interface DiagnosisOptions {
  /** How often something must happen to count: once if the cluster was at rest before. */
  atLeast: number
  /** The parent kind of the CompositeController. */
  parentKind: string
  isParentNamespaced: boolean
  /** Whether it has a subresource for its status. */
  hasStatus: boolean
  /** Whether `childResources` names the kind of an object. */
  isChild: (object: Pick<Write, 'apiVersion' | 'kind'>) => boolean
}

/**
 * Finds the objects that are written again and again.
 *
 * @param steps from a period in which nothing should be written
 */
export function diagnose (steps: Step[], options: DiagnosisOptions): Finding[] {
  const { atLeast, parentKind } = options
  const writes = answered(steps)
  const byOthers = steps.flatMap(step => step.type === 'write' && step.write.changed && step.write.manager !== metacontroller && step.write.subresource === undefined ? [step.write] : [])
  const own = writes.map(({ write }) => write)
  const groups = groupBy(writes, ({ write }) => [write.apiVersion, label(write), isOfStatus(write, parentKind)].join(' '))
  return [
    ...recreations(writes, atLeast),
    ...losses(own, byOthers.filter(isDeletion), atLeast),
    ...abundance(own, byOthers.filter(isDeletion), atLeast),
    ...[...groups.values()].flatMap(group => repetition(group, options, [...new Set(byOthers.filter(write => label(write) === label(group[0]!.write)).map(({ manager }) => manager))]))
  ]
}

/** Metacontroller's writes. The step of a sync comes after all of its writes. */
function answered (steps: Step[]): AnsweredWrite[] {
  const result: AnsweredWrite[] = []
  let waiting: AnsweredWrite[] = []
  for (const step of steps) {
    if (step.type === 'write' && step.write.manager === metacontroller) {
      const entry = { write: step.write, response: undefined }
      waiting.push(entry)
      result.push(entry)
    } else if (step.type === 'sync') {
      for (const entry of waiting) entry.response = step.sync.response
      waiting = []
    }
  }
  return result
}

/** `Map.groupBy`, which Node has since version 21. */
function groupBy<Item> (items: Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const result = new Map<string, Item[]>()
  for (const item of items) {
    const group = result.get(keyOf(item))
    if (group === undefined) result.set(keyOf(item), [item])
    else group.push(item)
  }
  return result
}

/** The endless updates of one object or its status. */
function repetition (group: AnsweredWrite[], options: DiagnosisOptions, others: string[]): Finding[] {
  const { atLeast, parentKind, hasStatus } = options
  const [first] = group as [AnsweredWrite]
  const object = label(first.write)
  const why = whyKindNotSeen(first.write, options)
  const creations = group.filter(({ write }) => write.refused?.reason === 'AlreadyExists')
  if (creations.length >= atLeast) {
    return [{ fault: 'endless-create', object, message: `is created at each sync although it exists: ${why ?? whyNotSeen(first.write)}`, moves: [] }]
  }
  if (why !== undefined && group.filter(({ write }) => write.verb === 'apply' && !write.changed && write.refused === undefined).length >= atLeast) {
    return [{ fault: 'endless-create', object, message: `is applied at each sync although nothing has changed: ${why}`, moves: [] }]
  }
  const updates = group.filter(({ write: { old, object, refused } }) => old !== undefined && object !== undefined && refused === undefined)
  const last = updates.findLast(({ write }) => write.changed) ?? updates.at(-1)
  if (last === undefined || updates.length < atLeast) return []
  const isStatus = isOfStatus(last.write, parentKind)
  const moves = last.write.changed ? changesOf(last.write, isStatus) : []
  const fault = isStatus ? 'moving-status' : 'endless-update'
  const what = isStatus ? 'gets status writes' : 'is updated'
  const because = (reason: string, moves: Move[]) => [{ fault, object, message: `${what} again and again, because ${reason}`, moves }] satisfies Finding[]
  if (moves.length === 0) {
    const left = unstored(last, isStatus)
    return because(whyUnstored(left), left)
  }
  if (isStatus && !hasStatus && moves.every(({ path }) => path === 'status.observedGeneration')) {
    return because('its CustomResourceDefinition has no subresources.status, so that each of them makes a new generation', moves)
  }
  const rival = isStatus || others.length === 0 ? '' : `; ${others.join(' and ')} ${others.length === 1 ? 'writes' : 'write'} it too`
  return [{ fault, object, message: `${what} again and again, with a change each time${rival}${finalizing(moves)}`, moves }]
}

/** Whether a write is of the status. Without the status subresource, an update of a parent writes the status with the rest. */
function isOfStatus (write: Write, parentKind: string): boolean {
  if (write.subresource === 'status') return true
  return write.kind === parentKind && write.old !== undefined && write.object !== undefined && changesOf(write, true).every(({ path }) => /^status\b/.test(path))
}

/** Why Metacontroller does not see any object of a kind; undefined if it does. */
function whyKindNotSeen (write: Write, { parentKind, isParentNamespaced, isChild }: DiagnosisOptions): string | undefined {
  if (write.kind === parentKind) return undefined
  if (!isChild(write)) return 'its kind is not in childResources, so Metacontroller does not see it'
  return isParentNamespaced && write.namespace === undefined ? 'it is cluster-scoped and its parent has a namespace, in which Metacontroller does not find it' : undefined
}

/** Why an object of a kind in childResources is not among the children of the parent. */
function whyNotSeen ({ old }: Write): string {
  const owner = old === undefined ? undefined : controllerOf(old)
  if (owner !== undefined) return `it belongs to ${owner.kind} ${owner.name}`
  return 'it has no owner, and does not have the labels by which the parent selects its children, so Metacontroller does not adopt it'
}

function finalizing (moves: Move[]): string {
  const isFinalizer = moves.some(({ path }) => /^metadata\.finalizers\b/.test(path))
  return isFinalizer ? '; Metacontroller adds its finalizer, and removes it when the hook answers finalized: true' : ''
}

function changesOf ({ old, object }: Write, withStatus: boolean): Move[] {
  const [before, after] = [old, object] as [KubeObject, KubeObject]
  const moves = movesBetween(comparable(before, withStatus), comparable(after, withStatus))
  return moves.length > 0 ? moves : movesBetween(lastApplied(before), lastApplied(after))
}

/** An object without the fields that every write changes. */
function comparable ({ status, metadata, ...object }: KubeObject, withStatus = false): JsonObject {
  const { managedFields, resourceVersion, generation, uid, creationTimestamp, annotations, deletionTimestamp, deletionGracePeriodSeconds, ...rest } = metadata
  const { [lastAppliedAnnotation]: _, ...others } = annotations ?? {}
  return { ...object, metadata: { ...rest, annotations: others }, ...(withStatus && { status: status ?? {} }) }
}

/** What Metacontroller asked for, with dynamic apply. */
function lastApplied ({ metadata: { annotations = {} } }: KubeObject): JsonObject {
  return JSON.parse(annotations[lastAppliedAnnotation] ?? '{}') as JsonObject
}

/** What the hook or Metacontroller asks for and the API server does not store. */
function unstored ({ write: { object, kind }, response }: AnsweredWrite, isStatus: boolean): Move[] {
  if (object === undefined || response === undefined) return []
  if (isStatus) return movesBetween({ status: object.status ?? {} }, { status: { ...response.status, observedGeneration: object.metadata.generation } })
  const asked = response.children.find(child => child.kind === kind && stringAt(child, 'metadata', 'name') === object.metadata.name)
  return asked === undefined ? [] : movesAsked(object, asked)
}

/** Why a child is deleted before it is created. */
function whyRecreated ({ write: { kind, name, namespace }, response }: AnsweredWrite, moves: Move[]): string {
  const asked = stringAt(response?.children.find(child => child.kind === kind && stringAt(child, 'metadata', 'name') === name), 'metadata', 'namespace')
  if (namespace === undefined && asked !== undefined) return `it is cluster-scoped, and the hook asks for it in the namespace ${asked}`
  return moves.length > 0 ? 'a field changes' : 'the hook leaves it out of one answer and asks for it in the next'
}

/** Metacontroller sets `observedGeneration` in each status: a CustomResourceDefinition without it drops it. */
function whyUnstored (moves: Move[]): string {
  const others = moves.filter(({ path }) => path !== 'status.observedGeneration')
  const byHook = 'the API server does not store what the hook asks for'
  const bySchema = 'the CustomResourceDefinition drops status.observedGeneration, which Metacontroller sets'
  if (others.length === moves.length) return byHook
  return others.length === 0 ? bySchema : `${byHook}, and ${bySchema}`
}

/** Objects that are deleted and created again, under the same name or another. */
function recreations (writes: AnsweredWrite[], atLeast: number): Finding[] {
  const findings: Finding[] = []
  const kinds = groupBy(writes.map(({ write }) => write), ({ apiVersion, kind, namespace }) => [apiVersion, kind, namespace].join(' '))
  for (const group of kinds.values()) {
    const names = groupBy(group, ({ name }) => name)
    const [gone, made]: Write[][] = [[], []]
    for (const sameName of names.values()) {
      const deletions = sameName.filter(isDeletion)
      const pairs = deletions.map(deletion => [deletion, sameName.slice(sameName.indexOf(deletion)).find(isCreation)] as const).filter(([, creation]) => creation !== undefined)
      const [deletion, creation] = pairs.at(-1) ?? []
      if (pairs.length < atLeast || deletion?.old === undefined || creation?.object === undefined) {
        gone!.push(...deletions)
        made!.push(...sameName.filter(isCreation))
        continue
      }
      const moves = movesBetween(comparable(deletion.old), comparable(creation.object))
      const why = whyRecreated(writes.find(({ write }) => write === creation)!, moves)
      findings.push({ fault: 'delete-and-create', object: label(creation), message: `is deleted and created again: ${why}`, moves })
    }
    const [was, is] = [gone!.at(-1), made!.at(-1)]
    if (was === undefined || is === undefined || gone!.length < atLeast || made!.length < atLeast) continue
    findings.push({
      fault: 'delete-and-create',
      object: label(was),
      message: `is deleted at each sync, and one with another name is created${is.object?.metadata.generateName === undefined ? '' : ': the hook asks for it with generateName in place of a name'}`,
      moves: [{ path: 'metadata.name', was: was.name, is: is.name }]
    })
  }
  return findings
}

/** Objects that are created again each time because something else deletes them. */
function losses (writes: Write[], deletions: Write[], atLeast: number): Finding[] {
  const last = new Map(deletions.map(write => [label(write), write]))
  return [...groupBy(writes.filter(isCreation), label).entries()].flatMap(([object, creations]): Finding[] => {
    const deletion = last.get(object)
    if (deletion === undefined || creations.length < atLeast) return []
    const why = deletion.manager === garbageCollector ? ': it is in another namespace than the parent, where its owner is not found' : ''
    return [{ fault: 'delete-and-create', object, message: `is created at each sync, and deleted by ${deletion.manager}${why}`, moves: [] }]
  })
}

/** Objects that are created with a new name each time and never deleted. */
function abundance (writes: Write[], deletions: Write[], atLeast: number): Finding[] {
  const deleted = new Set([...writes.filter(isDeletion), ...deletions].map(({ kind }) => kind))
  return [...groupBy(writes.filter(isCreation), ({ apiVersion, kind }) => `${apiVersion} ${kind}`).values()].flatMap((creations): Finding[] => {
    const last = creations.at(-1)!
    if (creations.length < atLeast || deleted.has(last.kind)) return []
    return [{ fault: 'endless-create', object: label(last), message: 'is one of a growing number: objects of its kind are created without end, each with a new name, and none is deleted', moves: [] }]
  })
}

const isDeletion = ({ verb, refused }: Write) => verb === 'delete' && refused === undefined
const isCreation = ({ old, object }: Write) => old === undefined && object !== undefined
