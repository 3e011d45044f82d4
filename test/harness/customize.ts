import type { ApiServer, KubeObject, Resource } from './api-server.js'
import type { Clock } from './clock.js'
import { callHook, TooManyRequests, type Hook } from './hook-client.js'
import { selects, type LabelSelector } from './label-selector.js'

/*
 * The customize hook: which related objects a sync gets.
 * https://github.com/metacontroller/metacontroller/blob/master/pkg/controller/common/customize/manager.go
 */

/** A rule in the answer of a customize hook. */
export interface RelatedRule {
  apiVersion: string
  resource: string
  labelSelector?: LabelSelector
  namespace?: string
  names?: string[]
  namespaceSelector?: LabelSelector
}

/** How long an answer is kept. */
const cacheSeconds = 20 * 60

/** Calls the customize hook and finds the related objects. */
export class Customize {
  /** How often the hook was called. */
  calls = 0
  /** The number of valid answers, and of all rules in them. */
  answers = 0
  rules = 0
  /** How often the hook asked to be called again later. */
  putOff = 0
  /** The messages of syncs that failed because of the hook. */
  readonly failures = new Set<string>()
  readonly #api: ApiServer
  readonly #clock: Clock
  readonly #hook: Hook | undefined
  readonly #controller: object
  readonly #cache = new Map<string, { rules: RelatedRule[], until: number }>()
  readonly #watched = new Set<Resource>()

  constructor (api: ApiServer, clock: Clock, hook: Hook | undefined, controller: object) {
    this.#api = api
    this.#clock = clock
    this.#hook = hook
    this.#controller = controller
  }

  /** Whether changes of an object can concern any parent: a kind is watched only once an answer has asked for it. */
  watches ({ apiVersion, kind }: KubeObject): boolean {
    return [...this.#watched].some(resource => resource.apiVersion === apiVersion && resource.kind === kind)
  }

  /** The related objects of a parent, by kind; empty without a hook. */
  async relatedObjects (parent: KubeObject): Promise<Map<Resource, KubeObject[]>> {
    try {
      return await this.#relatedObjects(parent)
    } catch (error) {
      this.failures.add((error as Error).message)
      throw error
    }
  }

  async #relatedObjects (parent: KubeObject): Promise<Map<Resource, KubeObject[]>> {
    const result = new Map<Resource, KubeObject[]>()
    for (const rule of await this.#rules(parent)) {
      const resource = this.#api.resourceFor(rule)
      this.#watched.add(resource)
      this.#check(rule, resource, parent)
      const found = this.#api.list(resource.apiVersion, resource.kind).filter(object => this.#selects(rule, resource, parent, object))
      result.set(resource, [...result.get(resource) ?? [], ...found])
    }
    return result
  }

  /** Whether one of some objects is related to a parent. */
  async concerns (parent: KubeObject, objects: KubeObject[]): Promise<boolean> {
    try {
      return (await this.#rules(parent)).some(rule => {
        const resource = this.#api.discover(rule.apiVersion, rule.resource)
        return resource !== undefined && objects.some(object =>
          object.apiVersion === resource.apiVersion && object.kind === resource.kind && this.#selects(rule, resource, parent, object))
      })
    } catch {
      // The next sync of the parent gets the same error and reports it.
      return false
    }
  }

  async #rules (parent: KubeObject): Promise<RelatedRule[]> {
    if (this.#hook === undefined) return []
    const key = `${parent.metadata.uid}/${parent.metadata.generation}`
    const cached = this.#cache.get(key)
    if (cached !== undefined && cached.until > this.#clock.now) return cached.rules
    this.calls++
    const { relatedResources } = await callHook(this.#hook, { controller: this.#controller, parent }, this.#clock.now).catch(error => {
      if (error instanceof TooManyRequests) this.putOff++
      throw error
    })
    const rules = (relatedResources ?? []) as RelatedRule[]
    this.answers++
    this.rules += rules.length
    this.#cache.set(key, { rules, until: this.#clock.now + cacheSeconds * 1000 })
    return rules
  }

  #check (rule: RelatedRule, resource: Resource, { metadata: { namespace } }: KubeObject): void {
    const hasNames = (rule.names ?? []).length > 0
    if (hasNames && (rule.labelSelector !== undefined || rule.namespaceSelector !== undefined)) {
      throw new Error(`related rule cannot have both names and labelSelector/namespaceSelector specified: ${JSON.stringify(rule)}`)
    }
    if ((rule.namespace ?? '') !== '' && rule.namespaceSelector !== undefined) {
      throw new Error(`related rule cannot have both namespace and namespaceSelector specified: ${JSON.stringify(rule)}`)
    }
    if (rule.namespaceSelector !== undefined && !resource.namespaced) {
      throw new Error('namespaceSelector is only supported for namespaced related resources')
    }
    if (this.#hook?.version !== 'v1' || namespace === undefined || !resource.namespaced) return
    if (rule.namespaceSelector !== undefined) throw new Error('namespaceSelector is not supported for namespaced parent in v1 hook version')
    if ((rule.namespace ?? '') !== '' && rule.namespace !== namespace) {
      throw new Error(`requested related object namespace ${rule.namespace} differs from parent object namespace ${namespace}`)
    }
  }

  #selects ({ labelSelector, namespaceSelector, namespace = '', names = [] }: RelatedRule, resource: Resource, parent: KubeObject, object: KubeObject): boolean {
    if (names.length > 0 && !names.includes(object.metadata.name)) return false
    if (!selects(labelSelector, object.metadata.labels)) return false
    if (!resource.namespaced) return true
    if (namespace !== '' && object.metadata.namespace !== namespace) return false
    if (namespaceSelector !== undefined) {
      const found = this.#api.find({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: object.metadata.namespace ?? '' } })
      return found !== undefined && selects(namespaceSelector, found.metadata.labels)
    }
    // With hook version v1, a namespaced parent sees only its own namespace, unless a rule has names and no namespace.
    const isOwnOnly = this.#hook?.version === 'v1' && parent.metadata.namespace !== undefined && namespace === '' && names.length === 0
    return !isOwnOnly || object.metadata.namespace === parent.metadata.namespace
  }
}
