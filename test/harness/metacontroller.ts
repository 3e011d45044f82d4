import { parseDuration } from '../../src/knative/duration.js'
import { isObject, stringAt, valueAt, type JsonObject } from '../../src/kubernetes/object.js'
import { isRefusal } from './api-error.js'
import type { ApiServer, KubeObject, Manifest, Reference, Resource, WatchEvent } from './api-server.js'
import { ChildManager, manager, type ApplyStrategy } from './child-manager.js'
import type { Clock } from './clock.js'
import { Queue, type Controller } from './controller.js'
import { Customize } from './customize.js'
import { callHook, longestTimeoutMs, TooManyRequests, type Hook, type HookResponse } from './hook-client.js'
import { equal } from './json.js'
import { selects, type LabelSelector } from './label-selector.js'
import type { EventRecorder } from './events.js'
import { controllerOf, controllerReference, nameOf, type OwnerReference } from './resource.js'

/** A CompositeController, with the fields that the harness supports. */
export interface CompositeController extends Manifest {
  spec: {
    parentResource: { apiVersion: string, resource: string, labelSelector?: LabelSelector, ignoreStatusChanges?: boolean }
    childResources?: Array<{ apiVersion: string, resource: string, updateStrategy?: { method?: string } }>
    generateSelector?: boolean
    resyncPeriodSeconds?: number
    hooks: { sync?: HookSpec, finalize?: HookSpec, customize?: HookSpec }
  }
}

interface HookSpec {
  version?: 'v1' | 'v2'
  webhook: { url?: string, path?: string, timeout?: string, responseUnMarshallMode?: 'strict' | 'loose' }
}

export interface MetacontrollerOptions {
  api: ApiServer
  clock: Clock
  events: EventRecorder
  /** The stored CompositeController. */
  controller: CompositeController
  /** The base URL of the hooks, such as `http://127.0.0.1:8080`. Each hook adds its path. */
  hookUrl: string
  applyStrategy: ApplyStrategy
  /** Overrides the timeouts of the hooks. */
  hookTimeoutMs?: number | undefined
}

/** A call of the sync or finalize hook, and the result of the whole sync. */
export interface Sync {
  hook: 'sync' | 'finalize'
  parent: KubeObject
  request: JsonObject
  response: HookResponse | undefined
  /** Why it failed or was delayed. */
  error: Error | undefined
}

/** Observed or desired objects, by kind and then by `namespace/name`. */
export type ObjectsByKind = Map<Resource, Map<string, KubeObject>>

/**
 * Metacontroller with one CompositeController: calls the hook for every parent in its queue, and applies the
 * answer. https://github.com/metacontroller/metacontroller/blob/master/pkg/controller/composite/controller.go
 *
 * It reads stale objects only if {@link staleParents} is set. The real one reads from a cache that can be slightly
 * behind.
 */
export class Metacontroller implements Controller {
  /** The number of calls of the sync or finalize hook. */
  syncs = 0
  readonly customize: Customize
  /** The finalizer that it adds to parents if there is a finalize hook. */
  readonly finalizer: string
  /** Runs while the hook works: the answer does not reflect the changes that it makes. */
  meanwhile: ((parent: KubeObject) => unknown) | undefined
  /** Whether the next sync gets the parent from before the last write. The event of that write comes later. */
  staleParents: (() => boolean) | undefined
  readonly #before = new Map<string, KubeObject>()
  readonly #api: ApiServer
  readonly #clock: Clock
  readonly #events: EventRecorder
  readonly #controller: CompositeController
  readonly #parents: Resource
  readonly #childResources: Resource[]
  readonly #children: ChildManager
  readonly #hooks: Partial<Record<Hook['type'], Hook>>
  readonly #queue = new Queue()
  readonly #related: KubeObject[][] = []
  readonly #failures = new Map<string, number>()
  readonly #waiting = new Map<string, number>()
  readonly #syncWatchers: Array<(sync: Sync) => void> = []

  constructor ({ api, clock, events, controller, hookUrl, hookTimeoutMs, applyStrategy }: MetacontrollerOptions) {
    const { spec, metadata: { name } } = controller
    this.#api = api
    this.#clock = clock
    this.#events = events
    this.#controller = asGoWritesIt(controller)
    this.#parents = this.#api.resourceFor(spec.parentResource)
    this.#childResources = (spec.childResources ?? []).map(rule => this.#api.resourceFor(rule))
    this.#children = new ChildManager(api, applyStrategy, new Map((spec.childResources ?? []).map(rule =>
      [this.#api.resourceFor(rule), rule.updateStrategy?.method ?? 'OnDelete'])))
    this.#hooks = Object.fromEntries(Object.entries(spec.hooks).filter(([, hook]) => hook != null).map(([type, hook]) => [type, makeHook(type as Hook['type'], hook, hookUrl, hookTimeoutMs)]))
    this.finalizer = `metacontroller.io/compositecontroller-${name}`
    this.customize = new Customize(api, clock, this.#hooks.customize, this.#controller)
    api.watch(event => this.#onChange(event))
    for (const parent of api.list(this.#parents.apiVersion, this.#parents.kind)) this.#enqueue(parent)
    if (spec.resyncPeriodSeconds !== undefined) this.#resyncEvery(Math.max(1, spec.resyncPeriodSeconds))
  }

  /** Calls back after every sync that called the hook. */
  watchSyncs (listener: (sync: Sync) => void): void {
    this.#syncWatchers.push(listener)
  }

  async step (): Promise<boolean> {
    const related = this.#related.shift()
    if (related !== undefined) {
      await this.#enqueueConcerned(related)
      return true
    }
    const key = this.#queue.take()
    if (key === undefined) return false
    await this.#process(key)
    return true
  }

  /** Syncs a parent now, even if nothing has changed. */
  async resync (parent: Reference): Promise<void> {
    await this.#process(nameOf(parent))
  }

  #resyncEvery (seconds: number): void {
    this.#clock.after(seconds, () => {
      for (const parent of this.#api.list(this.#parents.apiVersion, this.#parents.kind)) this.#enqueue(parent)
      this.#resyncEvery(seconds)
    })
  }

  #onChange ({ type, object, old }: WatchEvent): void {
    if (isOfKind(object, this.#parents)) {
      if (old === undefined || type === 'DELETED') this.#before.delete(nameOf(object))
      else if (old !== object) this.#before.set(nameOf(object), old)
      if (old === undefined || type === 'DELETED' || !this.#isIgnored(old, object)) this.#enqueue(object)
      return
    }
    if (this.#childResources.some(resource => isOfKind(object, resource))) this.#onChildChange(type, object)
    if (this.customize.watches(object)) this.#related.push(old === undefined || old === object ? [object] : [old, object])
  }

  #isIgnored (old: KubeObject, object: KubeObject): boolean {
    return this.#controller.spec.parentResource.ignoreStatusChanges === true &&
      old.metadata.generation === object.metadata.generation &&
      equal(old.metadata.labels, object.metadata.labels) &&
      equal(old.metadata.annotations, object.metadata.annotations) &&
      object.metadata.deletionTimestamp === undefined
  }

  #onChildChange (type: WatchEvent['type'], child: KubeObject): void {
    const owner = controllerOf(child)
    if (owner !== undefined) {
      const parent = this.#api.byUid(owner.uid)
      if (parent !== undefined && isOfKind(parent, this.#parents) && parent.metadata.name === owner.name && this.#isWithin(parent, child)) {
        this.#enqueue(parent)
      }
      return
    }
    if (type === 'DELETED' || child.metadata.deletionTimestamp !== undefined) return
    for (const parent of this.#potentialParents(child)) this.#enqueue(parent)
  }

  /** The parents whose selector matches the labels of an orphan. */
  #potentialParents (child: KubeObject): KubeObject[] {
    const { namespace, labels = {} } = child.metadata
    if (this.#controller.spec.generateSelector === true) {
      const parent = this.#api.byUid(labels['controller-uid'] ?? '')
      return parent !== undefined && isOfKind(parent, this.#parents) && this.#isWithin(parent, child) ? [parent] : []
    }
    return this.#api.list(this.#parents.apiVersion, this.#parents.kind, namespace === undefined || !this.#parents.namespaced ? {} : { namespace })
      .filter(parent => isObject(parent.spec?.selector) && selects(parent.spec.selector, labels))
  }

  async #enqueueConcerned (objects: KubeObject[]): Promise<void> {
    for (const parent of this.#api.list(this.#parents.apiVersion, this.#parents.kind)) {
      if (await this.customize.concerns(parent, objects)) this.#enqueue(parent)
    }
  }

  #enqueue (parent: KubeObject): void {
    if (this.#isOurs(parent)) this.#queue.add(nameOf(parent))
  }

  /** Whether this controller handles a parent. */
  #isOurs (parent: KubeObject): boolean {
    return this.isSelected(parent) || (parent.metadata.finalizers ?? []).includes(this.finalizer)
  }

  /** Whether the labels of a parent are those of the CompositeController. */
  isSelected ({ metadata: { labels } }: KubeObject): boolean {
    return selects(this.#controller.spec.parentResource.labelSelector, labels)
  }

  #enqueueAfter (key: string, seconds: number, retry: boolean): void {
    const due = this.#clock.now + seconds * 1000
    if ((this.#waiting.get(key) ?? Infinity) <= due) return
    if (seconds <= 0) return this.#queue.add(key)
    this.#waiting.set(key, due)
    this.#clock.after(seconds, () => {
      if (this.#waiting.get(key) !== due) return
      this.#waiting.delete(key)
      this.#queue.add(key)
    }, retry)
  }

  async #process (key: string): Promise<void> {
    const [namespace, name] = key.includes('/') ? key.split('/') as [string, string] : [undefined, key]
    const { apiVersion, kind } = this.#parents
    const before = this.staleParents?.() === true ? this.#before.get(key) : undefined
    if (before !== undefined) this.#queue.add(key)
    const parent = before ?? this.#api.find({ apiVersion, kind, metadata: { name, namespace } })
    try {
      if (parent !== undefined && this.#isOurs(parent)) await this.#syncParent(parent)
      this.#failures.delete(key)
    } catch (error) {
      if (error instanceof TooManyRequests) return this.#enqueueAfter(key, error.afterSeconds, true)
      this.#events.record(parent as KubeObject, 'Warning', 'SyncError', `Sync error: ${(error as Error).message}`, manager)
      // The delay doubles each time, from 5 milliseconds to 1000 seconds.
      const failures = this.#failures.get(key) ?? 0
      this.#failures.set(key, failures + 1)
      this.#enqueueAfter(key, Math.min(0.005 * 2 ** failures, 1000), true)
    }
  }

  async #syncParent (observed: KubeObject): Promise<void> {
    const parent = this.#syncFinalizer(observed)
    if (!this.#isOurs(parent)) return
    const children = this.#claimChildren(parent)
    const related = await this.customize.relatedObjects(parent)

    const isFinalizing = this.#hooks.finalize !== undefined && (parent.metadata.deletionTimestamp !== undefined || !this.isSelected(parent))
    const type = isFinalizing ? 'finalize' : 'sync'
    const hook = this.#hooks[type]
    const what = `${this.#parents.kind} ${nameOf(parent)}`
    if (hook === undefined) throw new Error(`sync hook nil//not defined for ${what}: %!w(<nil>)`)

    const request = {
      controller: this.#controller,
      parent,
      children: objectMap(children, hook, parent),
      related: objectMap(new Map([...related].map(([resource, objects]) => [resource, byName(objects)])), hook, parent),
      finalizing: isFinalizing
    }
    const outcome: Sync = { hook: type, parent, request, response: undefined, error: undefined }
    this.syncs++
    try {
      const response = await this.#call(hook, request, what)
      await this.meanwhile?.(parent)
      outcome.response = response
      this.#makeTrue(parent, children, response, what)
    } catch (error) {
      outcome.error = error as Error
      throw error
    } finally {
      for (const watcher of this.#syncWatchers) watcher(outcome)
    }
  }

  async #call (hook: Hook, request: JsonObject, what: string): Promise<HookResponse> {
    try {
      const answer = await callHook(hook, request, this.#clock.now)
      return {
        status: (answer['status'] ?? {}) as JsonObject,
        children: (answer['children'] ?? []) as Manifest[],
        resyncAfterSeconds: (answer['resyncAfterSeconds'] ?? 0) as number,
        finalized: answer['finalized'] === true
      }
    } catch (error) {
      if (error instanceof TooManyRequests) throw error
      throw new Error(`sync hook failed for ${what}: ${hook.type} hook failed (version=${hook.version}): ${(error as Error).message}`)
    }
  }

  #makeTrue (observed: KubeObject, children: ObjectsByKind, response: HookResponse, what: string): void {
    let parent = observed
    if (response.resyncAfterSeconds > 0) this.#enqueueAfter(nameOf(parent), response.resyncAfterSeconds, false)
    if (response.finalized) parent = this.#withoutFinalizer(parent) ?? parent
    const desired = this.#desiredChildren(parent, response.children)

    const errors: Error[] = []
    if (parent.metadata.deletionTimestamp === undefined || this.#shouldFinalize(parent)) {
      errors.push(...this.#children.manage(parent, children, desired))
    }
    this.#updateStatus(parent, response.status, what)
    if (errors.length > 0) throw new Error(`can't reconcile children for ${what}: ${aggregate(errors)}`)
  }

  #syncFinalizer (parent: KubeObject): KubeObject {
    const has = (parent.metadata.finalizers ?? []).includes(this.finalizer)
    const wants = this.#hooks.finalize !== undefined
    if (has === wants) return parent
    if (!wants) return this.#withoutFinalizer(parent) ?? parent
    if (parent.metadata.deletionTimestamp !== undefined) return parent
    return this.#updateLive(parent, draft => {
      draft.metadata.finalizers = [...draft.metadata.finalizers ?? [], this.finalizer]
    })
  }

  /** @returns undefined if the parent is gone afterwards */
  #withoutFinalizer (parent: KubeObject): KubeObject | undefined {
    const live = this.#api.byUid(parent.metadata.uid)
    if (live === undefined || !(live.metadata.finalizers ?? []).includes(this.finalizer)) return live
    return this.#updateLive(parent, draft => {
      draft.metadata.finalizers = (draft.metadata.finalizers ?? []).filter(name => name !== this.finalizer)
    })
  }

  /** Reads the current object, changes it and replaces it. */
  #updateLive (object: KubeObject, change: (draft: Manifest) => void): KubeObject {
    const live = structuredClone(this.#api.get(object))
    change(live)
    return this.#api.update(live, { manager })
  }

  #shouldFinalize ({ metadata: { finalizers = [] } }: KubeObject): boolean {
    const isCollected = finalizers.includes('foregroundDeletion') || finalizers.includes('orphan')
    return this.#hooks.finalize !== undefined && !isCollected && finalizers.includes(this.finalizer)
  }

  #selectorOf (parent: KubeObject): LabelSelector {
    if (this.#controller.spec.generateSelector === true) return { matchLabels: { 'controller-uid': parent.metadata.uid } }
    const selector: LabelSelector = parent.spec?.selector ?? {}
    if (Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0) {
      throw new Error('.spec.selector must have either matchLabels, matchExpressions, or both')
    }
    return selector
  }

  /** The children of the parent. Adopts orphans that match the selector, and releases children that do not. */
  #claimChildren (parent: KubeObject): ObjectsByKind {
    const selector = this.#selectorOf(parent)
    return new Map(this.#childResources.map(resource => {
      const candidates = [
        ...this.#api.ownedBy(parent.metadata.uid, resource).filter(child => this.#isWithin(parent, child)),
        ...this.#orphansFor(parent, resource)
      ]
      const claimed = candidates.filter(child => this.#claim(parent, child, selects(selector, child.metadata.labels)))
      return [resource, byName(claimed)]
    }))
  }

  #orphansFor (parent: KubeObject, resource: Resource): KubeObject[] {
    if (parent.metadata.deletionTimestamp !== undefined) return []
    if (this.#parents.namespaced) return this.#api.orphans(resource, parent.metadata.namespace)
    return this.#api.list(resource.apiVersion, resource.kind).filter(child => controllerOf(child) === undefined)
  }

  /** A namespaced parent has children only in its namespace; a cluster-scoped one has them everywhere. */
  #isWithin (parent: KubeObject, child: KubeObject): boolean {
    return !this.#parents.namespaced || parent.metadata.namespace === child.metadata.namespace
  }

  #claim (parent: KubeObject, child: KubeObject, isSelected: boolean): boolean {
    const owner = controllerOf(child)
    const isDying = parent.metadata.deletionTimestamp !== undefined
    if (owner !== undefined) {
      if (owner.uid !== parent.metadata.uid) return false
      if (isSelected) return true
      if (!isDying) this.#setOwners(child, owners => owners.filter(({ uid }) => uid !== parent.metadata.uid))
      return false
    }
    if (isDying || !isSelected || child.metadata.deletionTimestamp !== undefined) return false
    return this.#setOwners(child, owners => [...owners.filter(({ uid }) => uid !== parent.metadata.uid), controllerReference(parent)])
  }

  #setOwners (child: KubeObject, change: (owners: OwnerReference[]) => OwnerReference[]): boolean {
    try {
      this.#updateLive(child, draft => {
        draft.metadata.ownerReferences = change(draft.metadata.ownerReferences ?? [])
      })
      return true
    } catch (error) {
      if (isRefusal(error, 'NotFound')) return false
      throw new Error(`can't claim ${child.kind} children: ${(error as Error).message}`)
    }
  }

  #desiredChildren (parent: KubeObject, answered: Manifest[]): Map<string, Map<string, Manifest>> {
    const selector = this.#selectorOf(parent)
    const desired = new Map<string, Map<string, Manifest>>()
    for (const child of answered) {
      const { namespace } = parent.metadata
      const name = stringAt(child, 'metadata', 'name') ?? ''
      const labels = valueAt(child, 'metadata', 'labels') ?? {}
      const own = stringAt(child, 'metadata', 'namespace') ?? namespace
      const complete = {
        ...child,
        metadata: {
          ...(isObject(child.metadata) && child.metadata),
          name,
          ...(own !== undefined && { namespace: own }),
          ...(this.#controller.spec.generateSelector === true && { labels: { 'controller-uid': parent.metadata.uid, ...labels as object } })
        }
      } as Manifest
      const what = `${child.kind} ${own}/${name}`
      if (!isObject(labels) || !Object.values(labels).every(value => typeof value === 'string')) {
        throw new Error(`invalid labels on desired child ${what}: .metadata.labels accessor error: contains non-string value in the map`)
      }
      if (!selects(selector, complete.metadata.labels)) throw new Error(`labels on desired child ${what} don't match parent selector`)
      const key = `${child.apiVersion}/${child.kind}`
      const group = desired.get(key) ?? new Map<string, Manifest>()
      desired.set(key, group.set(own === undefined ? name : `${own}/${name}`, complete))
    }
    return desired
  }

  /** Writes the status only if it differs from the stored one. */
  #updateStatus (parent: KubeObject, answered: JsonObject, what: string): void {
    const status = { ...answered, observedGeneration: parent.metadata.generation }
    try {
      const live = this.#api.get(parent)
      if (live.metadata.uid !== parent.metadata.uid || equal(live.status, status)) return
      const next = { ...live, status }
      if (this.#parents.hasStatus) this.#api.updateStatus(next, { manager })
      else this.#api.update(next, { manager })
    } catch (error) {
      if (isRefusal(error, 'NotFound')) return
      throw new Error(`can't update status for ${what}: ${(error as Error).message}`)
    }
  }
}

function makeHook (type: Hook['type'], { version = 'v1', webhook }: HookSpec, hookUrl: string, timeoutMs?: number): Hook {
  const { pathname, search } = new URL(webhook.url ?? webhook.path ?? '', 'http://hook')
  const path = webhook.url === undefined && webhook.path === undefined ? '' : `${pathname}${search}`
  return {
    type,
    version,
    url: hookUrl.replace(/\/$/, '') + path,
    strict: (webhook.responseUnMarshallMode ?? (version === 'v2' ? 'strict' : 'loose')) === 'strict',
    timeoutMs: timeoutMs ?? timeoutOf(webhook)
  }
}

/** Metacontroller's `webhookTimeout`, in whole milliseconds: a timeout that is not positive counts as 10 seconds. */
function timeoutOf ({ timeout = '' }: HookSpec['webhook']): number {
  const nanoseconds = Number(parseDuration(timeout) ?? 0n)
  return nanoseconds > 0 ? Math.min(Math.ceil(nanoseconds / 1e6), longestTimeoutMs) : 10_000
}

/** The CompositeController as the hook gets it: with the fields that Go writes even if they are empty. */
function asGoWritesIt (controller: CompositeController): CompositeController {
  const childResources = (controller.spec.childResources ?? []).map(({ updateStrategy, ...rule }) =>
    ({ ...rule, ...(updateStrategy !== undefined && { updateStrategy: { statusChecks: {}, ...updateStrategy } }) }))
  return { ...controller, spec: { ...controller.spec, childResources }, status: {} }
}

/** The map of objects in a request: by `<Kind>.<apiVersion>`, then by name (v1) or `namespace/name` (v2). */
function objectMap (objects: ObjectsByKind, { version }: Hook, { metadata: { namespace } }: KubeObject): JsonObject {
  return Object.fromEntries([...objects]
    .map(([{ apiVersion, kind }, group]) => [`${kind}.${apiVersion}`, Object.fromEntries([...group]
      .filter(([, object]) => version === 'v2' || namespace === undefined || object.metadata.namespace === namespace)
      .map(([name, object]) => [version === 'v2' || namespace === undefined ? name : object.metadata.name, object])
      .sort(([a], [b]) => a as string < (b as string) ? -1 : 1))] as const)
    .sort(([a], [b]) => a < b ? -1 : 1))
}

function byName (objects: KubeObject[]): Map<string, KubeObject> {
  return new Map(objects.map(object => [nameOf(object), object]))
}

function isOfKind (object: KubeObject, { apiVersion, kind }: Resource): boolean {
  return object.kind === kind && object.apiVersion === apiVersion
}

function aggregate (errors: Error[]): string {
  const messages = [...new Set(errors.map(({ message }) => message))]
  return messages.length === 1 ? messages[0] as string : `[${messages.join(', ')}]`
}
