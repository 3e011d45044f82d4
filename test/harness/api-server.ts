import { quote } from '../../src/kubernetes/field-error.js'
import { isDnsLabel, isDnsSubdomain } from '../../src/kubernetes/names.js'
import { validateObjectMeta } from '../../src/kubernetes/object-meta.js'
import { isObject, type JsonObject } from '../../src/kubernetes/object.js'
import { ApiError } from './api-error.js'
import { builtInKinds, pluralOf } from './built-in-kinds.js'
import type { Clock } from './clock.js'
import { deployments } from './deployment-kind.js'
import { events } from './event-kind.js'
import { copy, equal, freeze, share } from './json.js'
import { ApplyConflict, manageApply, manageUpdate, type ManagedFieldsEntry, type Writer } from './managed-fields.js'
import { plainKind } from './plain-kind.js'
import { controllerOf, groupOf, groupResource, nameOf, type KubeObject, type Manifest, type Reference, type Resource } from './resource.js'
import { undeclaredField } from './typed-kind.js'

export type { KubeObject, Manifest, Reference, Resource } from './resource.js'

export type Verb = 'create' | 'update' | 'patch' | 'apply' | 'delete'

/** A write that reached the API server. */
export interface Write {
  verb: Verb
  subresource: 'status' | undefined
  /** The field manager. */
  manager: string
  apiVersion: string
  kind: string
  namespace: string | undefined
  name: string
  /** Whether the write changed anything. If not, watchers do not hear of it. */
  changed: boolean
  /** The refusal, if the write was refused. */
  refused: ApiError | undefined
  /** The object before and after the write; undefined if there is none. */
  old: KubeObject | undefined
  object: KubeObject | undefined
}

/** A change of an object, as watchers get it. */
export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED'
  object: KubeObject
  old: KubeObject | undefined
}

export interface WriteOptions {
  manager: string
  subresource?: 'status'
  /** Returns the result without storing it. */
  dryRun?: boolean
}

export interface DeleteOptions {
  manager: string
  propagation?: 'Background' | 'Foreground' | 'Orphan'
  /** Delete only the object with this uid. */
  uid?: string
}

/**
 * A mutating webhook: changes an object before it is stored.
 *
 * @param object the webhook may change it
 */
export type Admission = (object: KubeObject) => void

type Change = JsonObject | ((draft: any) => void)

/**
 * The simulated API server: stores objects as the real one does, and counts the writes.
 *
 * It returns frozen objects. Later changes do not affect them.
 */
export class ApiServer {
  /** Every write since the last {@link resetWrites}. */
  writes: Write[] = []
  readonly #clock: Clock
  readonly #resources = new Map<string, Resource>()
  readonly #objects = new Map<Resource, Map<string, KubeObject>>()
  readonly #byUid = new Map<string, KubeObject>()
  readonly #byOwner = new Map<string, Set<string>>()
  readonly #orphans = new Map<Resource, Map<string, Set<string>>>()
  readonly #admissions = new Map<string, Admission[]>()
  readonly #watchers: Array<(event: WatchEvent) => void> = []
  readonly #writeWatchers: Array<(write: Write) => void> = []
  #resourceVersion = 0
  #uids = 0
  #generatedNames = 0

  constructor (clock: Clock) {
    this.#clock = clock
    this.define(deployments)
    this.define(events)
    for (const kind of builtInKinds) this.define(kind)
  }

  /** Adds a kind by its CustomResourceDefinition. */
  define (resource: Resource): void {
    this.#resources.set(`${resource.apiVersion}/${resource.kind}`, resource)
    this.#objects.set(resource, new Map())
    this.#orphans.set(resource, new Map())
  }

  /** Adds a kind whose objects are stored unchanged, such as Broker or Channel. */
  definePlain (apiVersion: string, kind: string, { plural = pluralOf(kind), namespaced = true } = {}): void {
    this.define(plainKind(apiVersion, kind, { plural, namespaced }))
  }

  /** Finds a kind by its name or plural, as discovery does; undefined if there is none. */
  discover (apiVersion: string, kindOrPlural: string): Resource | undefined {
    return this.#resources.get(`${apiVersion}/${kindOrPlural}`) ??
      [...this.#resources.values()].find(resource => resource.apiVersion === apiVersion && resource.plural === kindOrPlural)
  }

  /** Finds a resource as Metacontroller does, by its plural. @throws Error with Metacontroller's words if there is none */
  resourceFor ({ apiVersion, resource }: { apiVersion: string, resource: string }): Resource {
    const found = this.discover(apiVersion, resource)
    if (found?.plural !== resource) throw new Error(`discovery: can't find resource ${resource} in apiVersion ${apiVersion}`)
    return found
  }

  /** The plurals of the kinds of an API version. */
  pluralsOf (apiVersion: string): string[] {
    return [...this.#resources.values()].filter(resource => resource.apiVersion === apiVersion).map(({ plural }) => plural)
  }

  /** The API versions in which the server knows a kind, such as `example.org/v1`. */
  versionsOf (group: string, kindOrPlural: string): string[] {
    return [...this.#resources.values()]
      .filter(({ apiVersion, kind, plural }) => groupOf(apiVersion) === group && [kind, plural].includes(kindOrPlural))
      .map(({ apiVersion }) => apiVersion)
  }

  /** Registers a mutating webhook for a kind. */
  admit (apiVersion: string, kind: string, admission: Admission): void {
    const key = `${apiVersion}/${kind}`
    this.#admissions.set(key, [...this.#admissions.get(key) ?? [], admission])
  }

  /** Calls back at every change of an object. */
  watch (listener: (event: WatchEvent) => void): void {
    this.#watchers.push(listener)
  }

  /** Calls back at every write, also if it is refused or changes nothing. */
  watchWrites (listener: (write: Write) => void): void {
    this.#writeWatchers.push(listener)
  }

  /** Counts the writes that match a pattern, such as `{ kind: 'Deployment', manager: 'metacontroller', changed: true }`. */
  count (pattern: Partial<Pick<Write, 'verb' | 'subresource' | 'manager' | 'apiVersion' | 'kind' | 'namespace' | 'name' | 'changed'>> = {}): number {
    const wanted = Object.entries(pattern)
    return this.writes.filter(write => wanted.every(([key, value]) => write[key as keyof Write] === value)).length
  }

  /** The number of writes of each sort: `Deployment update by metacontroller`, `Widget/status update by …`. */
  tally ({ changed }: { changed?: boolean } = {}): Record<string, number> {
    const result: Record<string, number> = {}
    for (const write of this.writes) {
      if (changed !== undefined && write.changed !== changed) continue
      const sort = `${write.kind}${write.subresource === undefined ? '' : `/${write.subresource}`} ${write.verb} by ${write.manager}`
      result[sort] = (result[sort] ?? 0) + 1
    }
    return result
  }

  resetWrites (): void {
    this.writes = []
  }

  /** The object, or undefined if there is none. */
  find (reference: Reference): KubeObject | undefined {
    const resource = this.#resourceOf(reference)
    return this.#objects.get(resource)?.get(this.#key(resource, reference))
  }

  /** @throws ApiError if there is none */
  get (reference: Reference): KubeObject {
    const found = this.find(reference)
    if (found === undefined) throw this.#notFound(this.#resourceOf(reference), reference)
    return found
  }

  /** The objects of a kind, in the order of their creation. */
  list (apiVersion: string, kind: string, { namespace }: { namespace?: string } = {}): KubeObject[] {
    const objects = [...this.#objects.get(this.#resourceOf({ apiVersion, kind }))?.values() ?? []]
    return namespace === undefined ? objects : objects.filter(object => object.metadata.namespace === namespace)
  }

  byUid (uid: string): KubeObject | undefined {
    return this.#byUid.get(uid)
  }

  /** The objects that have an object among their owners; of one kind only, if it is given. */
  ownedBy (uid: string, resource?: Resource): KubeObject[] {
    return [...this.#byOwner.get(uid) ?? []]
      .map(child => this.#byUid.get(child) as KubeObject)
      .filter(child => resource === undefined || (child.kind === resource.kind && child.apiVersion === resource.apiVersion))
  }

  /** The objects of a kind that have no controller. */
  orphans (resource: Resource, namespace: string | undefined): KubeObject[] {
    return [...this.#orphans.get(resource)?.get(namespace ?? '') ?? []].map(uid => this.#byUid.get(uid) as KubeObject)
  }

  /** Creates an object. One with `generateName` and no name gets a name, the same in every run. */
  create (unnamed: Manifest, { manager, dryRun = false }: WriteOptions): KubeObject {
    const manifest = this.#named(unnamed)
    return this.#write('create', manifest, { manager, dryRun }, resource => {
      const live = this.find(manifest)
      if (live !== undefined) throw new ApiError(409, 'AlreadyExists', `${groupResource(resource)} "${manifest.metadata.name}" already exists`)
      const { status, ...withoutStatus } = copy(manifest)
      const object = resource.read(this.#newborn(resource, resource.hasStatus ? withoutStatus as Manifest : { ...withoutStatus, status } as Manifest))
      const managedFields = manageUpdate([], resource.empty, object, resource.schema, this.#writer(resource, manager))
      return this.#store(resource, this.#admitted(resource, object, managedFields), undefined, dryRun)
    })
  }

  /**
   * Replaces an object.
   *
   * @param object with a resourceVersion, the write is refused if there is a later one
   */
  update (object: Manifest, options: WriteOptions): KubeObject {
    return this.#write('update', object, options, resource => {
      const live = this.get(object)
      const { resourceVersion, uid } = object.metadata
      if (resourceVersion === undefined && !resource.unconditionalUpdate) {
        throw new ApiError(422, 'Invalid', `${groupResource(resource)} "${object.metadata.name}" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update`)
      }
      if (uid !== undefined && uid !== live.metadata.uid) {
        throw this.#conflict(resource, object, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`)
      }
      if (resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion) {
        throw this.#conflict(resource, object, 'the object has been modified; please apply your changes to the latest version and try again')
      }
      return this.#replace(resource, live, copy(object), options)
    })
  }

  /** Replaces only the status of an object. */
  updateStatus (object: Manifest, options: Omit<WriteOptions, 'subresource'>): KubeObject {
    return this.update(object, { ...options, subresource: 'status' })
  }

  /**
   * Changes the current object.
   *
   * @param change a function that changes it, or a JSON merge patch
   */
  patch (reference: Reference, change: Change, options: WriteOptions): KubeObject {
    return this.#write('patch', reference, options, resource => {
      const live = this.get(reference)
      const draft = copy(live)
      if (typeof change === 'function') change(draft)
      else mergePatch(draft as JsonObject, change)
      return this.#replace(resource, live, draft, options)
    })
  }

  /** Server-side apply: creates the object, or changes the fields in the manifest. */
  apply (manifest: Manifest, { manager, force = false, subresource, dryRun = false }: WriteOptions & { force?: boolean }): KubeObject {
    return this.#write('apply', manifest, { manager, dryRun, ...(subresource !== undefined && { subresource }) }, resource => {
      const undeclared = undeclaredField(manifest, resource.schema)
      if (undeclared !== undefined) {
        const { apiVersion, kind } = manifest
        throw new ApiError(500, 'BadRequest', `failed to create typed patch object (${nameOf(this.#referenceOf(resource, manifest))}; ${apiVersion}, Kind=${kind}): ${undeclared}: field not declared in schema`)
      }
      if (manifest.metadata.managedFields !== undefined) throw new ApiError(400, 'BadRequest', 'metadata.managedFields must be nil')
      const live = this.find(manifest)
      if (live !== undefined && manifest.metadata.resourceVersion !== undefined && manifest.metadata.resourceVersion !== live.metadata.resourceVersion) {
        throw this.#conflict(resource, manifest, 'the object has been modified; please apply your changes to the latest version and try again')
      }
      const base = live === undefined ? { ...resource.empty, apiVersion: manifest.apiVersion, kind: manifest.kind } : withoutManagedFields(live)
      const config = this.#referenceFilled(resource, manifest)
      const { next, entries } = this.#managed(() =>
        manageApply(live?.metadata.managedFields ?? [], base, config as unknown as JsonObject, resource.schema, this.#writer(resource, manager, subresource), force))
      const asked = next as Manifest
      const object = live === undefined
        ? resource.read(this.#newborn(resource, resource.hasStatus ? withoutField(asked, 'status') : asked), true)
        : this.#withinReach(resource, live, share(resource.read(copy(asked) as KubeObject, true), live), subresource)
      return this.#store(resource, this.#admitted(resource, object, entries, subresource), live, dryRun, subresource)
    })
  }

  /** Deletes an object. One with finalizers stays until they are gone. */
  delete (reference: Reference, { manager, propagation = 'Background', uid }: DeleteOptions): void {
    this.#write('delete', reference, { manager }, resource => {
      const live = this.get(reference)
      if (uid !== undefined && uid !== live.metadata.uid) {
        throw this.#conflict(resource, reference, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`)
      }
      const finalizers = (live.metadata.finalizers ?? []).filter(name => name !== 'foregroundDeletion' && name !== 'orphan')
      if (propagation === 'Foreground') finalizers.push('foregroundDeletion')
      if (propagation === 'Orphan') finalizers.push('orphan')
      if (finalizers.length === 0) return this.#remove(resource, live)
      if (live.metadata.deletionTimestamp !== undefined && equal(finalizers, live.metadata.finalizers)) return live
      const { generation } = live.metadata
      return this.#put(resource, {
        ...live,
        metadata: {
          ...live.metadata,
          finalizers,
          ...(live.metadata.deletionTimestamp === undefined && {
            deletionTimestamp: this.#clock.timestamp(),
            deletionGracePeriodSeconds: 0,
            ...(generation !== undefined && { generation: generation + 1 })
          })
        }
      }, live)
    })
  }

  #resourceOf ({ apiVersion, kind }: Pick<Reference, 'apiVersion' | 'kind'>): Resource {
    const resource = this.#resources.get(`${apiVersion}/${kind}`)
    if (resource === undefined) throw new ApiError(404, 'NotFound', `no matches for kind "${kind}" in version "${apiVersion}"`)
    return resource
  }

  #referenceOf (resource: Resource, { apiVersion, kind, metadata: { name, namespace } }: Reference): Reference {
    return { apiVersion, kind, metadata: { name, ...(resource.namespaced && { namespace: namespace ?? 'default' }) } }
  }

  #referenceFilled (resource: Resource, manifest: Manifest): Manifest {
    const { metadata } = this.#referenceOf(resource, manifest)
    return { ...manifest, metadata: { ...manifest.metadata, ...metadata } as Manifest['metadata'] }
  }

  #key (resource: Resource, reference: Reference): string {
    return nameOf(this.#referenceOf(resource, reference))
  }

  #notFound (resource: Resource, { metadata: { name } }: Reference): ApiError {
    return new ApiError(404, 'NotFound', `${groupResource(resource)} "${name}" not found`)
  }

  #conflict (resource: Resource, { metadata: { name } }: Reference, why: string): ApiError {
    return new ApiError(409, 'Conflict', `Operation cannot be fulfilled on ${groupResource(resource)} "${name}": ${why}`)
  }

  #writer (resource: Resource, manager: string, subresource?: 'status'): Writer {
    const outOfReach = subresource === 'status' ? resource.statusResets : resource.hasStatus ? [['status']] : []
    return {
      manager,
      apiVersion: resource.apiVersion,
      subresource,
      time: this.#clock.timestamp(),
      outOfReach: outOfReach.map(path => path.map(name => `f:${name}`))
    }
  }

  /** Records a write, also if it fails. */
  #write (verb: Verb, reference: Reference, { manager, subresource, dryRun = false }: WriteOptions, run: (resource: Resource) => KubeObject): KubeObject {
    const { apiVersion, kind, metadata: { name } } = reference
    const resource = this.#resourceOf(reference)
    const { namespace } = this.#referenceOf(resource, reference).metadata
    const old = this.find(reference)
    const record = (object: KubeObject | undefined, refused?: ApiError) => {
      if (dryRun) return
      const write: Write = { verb, subresource, manager, apiVersion, kind, namespace, name, changed: object !== old, refused, old, object }
      this.writes.push(write)
      for (const watcher of this.#writeWatchers) watcher(write)
    }
    try {
      const object = run(resource)
      record(this.find(reference))
      return object
    } catch (error) {
      if (error instanceof ApiError) record(old, error)
      throw error
    }
  }

  /** A new object, before defaults and validation. */
  #newborn (resource: Resource, manifest: Manifest): KubeObject {
    const { metadata } = this.#referenceOf(resource, manifest)
    // A cluster-scoped object loses the namespace that it was sent with.
    const { namespace, resourceVersion, managedFields, deletionTimestamp, deletionGracePeriodSeconds, ...asked } = manifest.metadata
    return {
      ...manifest,
      metadata: {
        ...asked,
        ...metadata,
        uid: this.#uid(),
        creationTimestamp: this.#clock.timestamp(),
        ...(resource.hasGeneration && { generation: 1 })
      }
    } as unknown as KubeObject
  }

  /** https://github.com/kubernetes/apiserver/blob/master/pkg/storage/names/generate.go */
  #named (manifest: Manifest): Manifest {
    const { name, generateName = '' } = manifest.metadata
    // A value of another type is refused later.
    if (name !== '' || typeof generateName !== 'string' || generateName === '') return manifest
    const letters = 'bcdfghjklmnpqrstvwxz2456789'
    const count = this.#generatedNames++
    const suffix = [4, 3, 2, 1, 0].map(power => letters[Math.floor(count / letters.length ** power) % letters.length]).join('')
    return { ...manifest, metadata: { ...manifest.metadata, name: `${generateName.slice(0, 58)}${suffix}` } }
  }

  /** A uid in the form of a real one, but the same in every run. */
  #uid (): string {
    const count = (++this.#uids).toString(16).padStart(12, '0')
    return `00000000-0000-4000-8000-${count}`
  }

  #replace (resource: Resource, live: KubeObject, asked: Manifest, { manager, subresource, dryRun = false }: WriteOptions): KubeObject {
    if (subresource === 'status' && !resource.hasStatus) throw new ApiError(404, 'NotFound', 'the server could not find the requested resource')
    const read = share(resource.read(asked as KubeObject), live)
    const object = this.#withinReach(resource, live, read, subresource)
    // The managed fields of a status write have all that it tries to set, metadata included.
    const accounted = subresource === 'status' ? { ...object, metadata: { ...object.metadata, labels: read.metadata.labels } } : object
    const entries = manageUpdate(live.metadata.managedFields ?? [], withoutManagedFields(live), accounted, resource.schema, this.#writer(resource, manager, subresource))
    return this.#store(resource, this.#admitted(resource, object, entries, subresource), live, dryRun, subresource)
  }

  /** Restores the fields that a write cannot change. */
  #withinReach (resource: Resource, live: KubeObject, object: KubeObject, subresource: 'status' | undefined): KubeObject {
    const { name, namespace, uid, creationTimestamp, generation, deletionTimestamp, deletionGracePeriodSeconds } = live.metadata
    const kept = subresource === 'status' ? resource.statusKeeps : resource.hasStatus ? [['status']] : []
    const result = kept.reduce((rest, path) => withFieldOf(rest, live, path), object)
    const { managedFields, resourceVersion, ...metadata } = result.metadata
    return {
      ...result,
      metadata: copy({
        ...metadata, name, namespace, uid, creationTimestamp, generation, deletionTimestamp, deletionGracePeriodSeconds
      }) as KubeObject['metadata']
    }
  }

  #admitted (resource: Resource, object: KubeObject, managedFields: ManagedFieldsEntry[], subresource?: 'status'): KubeObject {
    // On a status write, the webhook does not change the status, and cannot change the rest.
    const admissions = subresource === 'status' ? [] : this.#admissions.get(`${resource.apiVersion}/${resource.kind}`) ?? []
    let result = object
    if (admissions.length > 0) {
      result = copy(object)
      for (const admission of admissions) admission(result)
      result = resource.read(result)
    }
    return { ...result, metadata: { ...result.metadata, ...(managedFields.length > 0 && { managedFields }) } }
  }

  #managed<T> (apply: () => T): T {
    try {
      return apply()
    } catch (error) {
      throw error instanceof ApplyConflict ? new ApiError(409, 'Conflict', error.message) : error
    }
  }

  #store (resource: Resource, object: KubeObject, live: KubeObject | undefined, dryRun: boolean, subresource?: 'status'): KubeObject {
    const next = live === undefined || subresource === 'status' ? object : this.#withGeneration(resource, object, live)
    this.#check(resource, next, live)
    if (live !== undefined && isSame(next, live)) return live
    if (dryRun) return freeze({ ...next, metadata: { ...next.metadata, resourceVersion: live?.metadata.resourceVersion ?? '' } })
    if (live?.metadata.deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0) return this.#remove(resource, live)
    return this.#put(resource, next, live)
  }

  #withGeneration (resource: Resource, object: KubeObject, live: KubeObject): KubeObject {
    if (live.metadata.generation === undefined || !resource.isNewGeneration(object, live)) return object
    return { ...object, metadata: { ...object.metadata, generation: live.metadata.generation + 1 } }
  }

  #check (resource: Resource, object: KubeObject, live: KubeObject | undefined): void {
    const problems = [
      ...(live === undefined ? nameProblems(resource, object) : []),
      ...validateObjectMeta(object.metadata).map(({ path, message }) => `metadata.${path}: ${message}`),
      ...resource.validate(object, live)
    ]
    const { finalizers = [], deletionTimestamp } = object.metadata
    const added = finalizers.filter(name => !(live?.metadata.finalizers ?? []).includes(name))
    if (deletionTimestamp !== undefined && added.length > 0) {
      problems.push('metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted')
    }
    if (problems.length === 0) return
    const kind = [object.kind, groupOf(object.apiVersion)].filter(part => part !== '').join('.')
    const list = problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`
    throw new ApiError(422, 'Invalid', `${kind} "${object.metadata.name ?? ''}" is invalid: ${list}`)
  }

  #put (resource: Resource, object: KubeObject, live: KubeObject | undefined): KubeObject {
    const stored = freeze({ ...(live === undefined ? object : share(object, live)), metadata: { ...object.metadata, resourceVersion: String(++this.#resourceVersion) } })
    if (live !== undefined) this.#unindex(resource, live)
    this.#objects.get(resource)?.set(this.#key(resource, stored), stored)
    this.#index(resource, stored)
    this.#notify({ type: live === undefined ? 'ADDED' : 'MODIFIED', object: stored, old: live })
    return stored
  }

  #remove (resource: Resource, live: KubeObject): KubeObject {
    this.#unindex(resource, live)
    this.#objects.get(resource)?.delete(this.#key(resource, live))
    const last = freeze({ ...live, metadata: { ...live.metadata, resourceVersion: String(++this.#resourceVersion) } })
    this.#notify({ type: 'DELETED', object: last, old: live })
    return last
  }

  #index (resource: Resource, object: KubeObject): void {
    const { uid, namespace = '', ownerReferences = [] } = object.metadata
    this.#byUid.set(uid, object)
    for (const owner of ownerReferences) addTo(this.#byOwner, owner.uid, uid)
    if (controllerOf(object) === undefined) addTo(this.#orphans.get(resource) as Map<string, Set<string>>, namespace, uid)
  }

  #unindex (resource: Resource, object: KubeObject): void {
    const { uid, namespace = '', ownerReferences = [] } = object.metadata
    this.#byUid.delete(uid)
    for (const owner of ownerReferences) {
      const children = this.#byOwner.get(owner.uid)
      children?.delete(uid)
      if (children?.size === 0) this.#byOwner.delete(owner.uid)
    }
    this.#orphans.get(resource)?.get(namespace)?.delete(uid)
  }

  #notify (event: WatchEvent): void {
    for (const watcher of this.#watchers) watcher(event)
  }
}

/** Validates the name and the namespace of a new object. Roles may have nearly any name. */
function nameProblems ({ apiVersion }: Resource, { metadata: { name = '', namespace = 'default' } }: KubeObject): string[] {
  const problems: string[] = []
  const isFine = groupOf(apiVersion) === 'rbac.authorization.k8s.io' ? !/^\.{0,2}$|[/%]/.test(name) : isDnsSubdomain(name)
  if (name === '') problems.push('metadata.name: Required value: name or generateName is required')
  else if (!isFine) problems.push(`metadata.name: Invalid value: ${quote(name)}: a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`)
  if (!isDnsLabel(namespace)) problems.push(`metadata.namespace: Invalid value: ${quote(namespace)}: a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character`)
  return problems
}

function addTo (index: Map<string, Set<string>>, key: string, value: string): void {
  const values = index.get(key)
  if (values === undefined) index.set(key, new Set([value]))
  else values.add(value)
}

/** Whether two objects are equal except for the times in their managed fields. */
function isSame (next: KubeObject, live: KubeObject): boolean {
  const comparable = ({ metadata: { resourceVersion, managedFields = [], ...metadata }, ...object }: KubeObject) => ({ ...object, metadata })
  const shares = ({ metadata: { managedFields = [] } }: KubeObject) => managedFields.map(({ time, ...entry }) => entry)
  return equal(comparable(next), comparable(live)) && equal(shares(next), shares(live))
}

function withoutManagedFields (object: KubeObject): KubeObject {
  const { managedFields, ...metadata } = object.metadata
  return { ...object, metadata }
}

function withoutField<T extends object> (object: T, name: string): T {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name)) as T
}

/** The object, with one field taken from another object. */
function withFieldOf<T extends object> (object: T, other: object, [name = '', ...rest]: string[]): T {
  const mine = (object as JsonObject)[name]
  const theirs = (other as JsonObject)[name]
  if (rest.length > 0 && isObject(mine) && isObject(theirs)) return { ...object, [name]: withFieldOf(mine, theirs, rest) }
  return theirs === undefined ? withoutField(object, name) : { ...object, [name]: theirs }
}

/** https://www.rfc-editor.org/rfc/rfc7386 */
function mergePatch (target: JsonObject, patch: JsonObject): void {
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      delete target[key]
    } else if (isObject(value)) {
      const inner = isObject(target[key]) ? target[key] : {}
      target[key] = inner
      mergePatch(inner, value)
    } else {
      target[key] = value
    }
  }
}
