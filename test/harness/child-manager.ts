import { isObject, type JsonObject } from '../../src/kubernetes/object.js'
import { ApiError, isRefusal } from './api-error.js'
import type { ApiServer, KubeObject, Manifest, Resource } from './api-server.js'
import { applyUpdate, lastAppliedAnnotation, systemFields, withLastApplied, withoutLastApplied } from './dynamic-apply.js'
import { equal, goJson } from './json.js'
import type { ObjectsByKind } from './metacontroller.js'
import { controllerReference, groupOf, nameOf, type OwnerReference } from './resource.js'

/** Metacontroller's field manager. */
export const manager = 'metacontroller'

/** `--apply-strategy` of Metacontroller. */
export type ApplyStrategy = 'dynamic-apply' | 'server-side-apply'

/** What Metacontroller remembers about a child with server-side apply. */
interface LastUpdate {
  desired: string
  generation: number
  resourceVersion: string
  uid: string
}

/**
 * Makes the children of a parent match the hook's answer.
 * https://github.com/metacontroller/metacontroller/blob/master/pkg/controller/common/manage_children.go
 */
export class ChildManager {
  readonly #api: ApiServer
  readonly #strategy: ApplyStrategy
  readonly #methods: Map<Resource, string>
  readonly #lastUpdates = new Map<string, LastUpdate>()

  /** @param methods the update method of each kind of child */
  constructor (api: ApiServer, strategy: ApplyStrategy, methods: Map<Resource, string>) {
    this.#api = api
    this.#strategy = strategy
    this.#methods = methods
  }

  /**
   * Deletes children that are not desired, then creates or updates the desired ones. A failure does not stop the
   * others.
   *
   * @returns the errors
   */
  manage (parent: KubeObject, observed: ObjectsByKind, desired: Map<string, Map<string, Manifest>>): Error[] {
    const errors: Error[] = []
    const attempt = (run: () => void) => {
      try {
        run()
      } catch (error) {
        errors.push(error as Error)
      }
    }
    for (const [resource, group] of [...observed].sort(([a], [b]) => order(keyOf(a), keyOf(b)))) {
      for (const [name, child] of group) {
        if (child.metadata.deletionTimestamp !== undefined || desired.get(keyOf(resource))?.has(name)) continue
        attempt(() => this.#delete(child, `can't delete ${child.kind} ${nameOf(child)}`))
      }
    }
    for (const [key, group] of [...desired].sort(([a], [b]) => order(a, b))) {
      const [first] = group.values()
      const { apiVersion, kind } = first as Manifest
      const resource = this.#api.discover(apiVersion, kind)
      if (resource === undefined) {
        errors.push(new Error(`discovery: can't find kind ${kind} in apiVersion ${apiVersion ?? ''}`))
        continue
      }
      const observedGroup = [...observed].find(([other]) => keyOf(other) === key)?.[1]
      for (const [name, child] of group) {
        const apply = this.#strategy === 'dynamic-apply' ? this.#applyDynamically : this.#applyServerSide
        attempt(() => apply.call(this, resource, parent, observedGroup?.get(name), child))
      }
    }
    return errors
  }

  #delete (child: KubeObject, what: string): void {
    try {
      this.#api.delete(child, { manager, uid: child.metadata.uid })
    } catch (error) {
      if (!isRefusal(error, 'NotFound')) throw new Error(`${what}: ${(error as Error).message}`)
    }
    this.#lastUpdates.delete(cacheKey(child))
  }

  #applyDynamically (resource: Resource, parent: KubeObject, observed: KubeObject | undefined, desired: Manifest): void {
    if (observed === undefined) return this.#create(resource, withLastApplied(desired, desired), parent)
    const next = applyUpdate(observed as unknown as JsonObject & { metadata: object }, desired as unknown as JsonObject & { metadata: object })
    if (equal(next, observed) || observed.metadata.deletionTimestamp !== undefined) return
    switch (this.#methods.get(resource)) {
      case 'InPlace':
      case 'RollingInPlace':
        return this.#tolerating(['NotFound', 'Conflict'], () => this.#api.update(next as unknown as Manifest, { manager }))
      case 'Recreate':
      case 'RollingRecreate':
        return this.#recreate(observed)
    }
  }

  #create (resource: Resource, desired: Manifest, parent: KubeObject): void {
    checkPlace(resource, desired, 'create')
    this.#tolerating(['AlreadyExists'], () => this.#api.create(owned(desired, parent), { manager }))
  }

  #applyServerSide (resource: Resource, parent: KubeObject, observed: KubeObject | undefined, desired: Manifest): void {
    if (observed?.metadata.deletionTimestamp !== undefined) return
    checkPlace(resource, desired, 'apply')
    const config = sanitized(owned(desired, parent))
    const key = cacheKey(config)
    const json = goJson(config)
    const remember = ({ metadata: { generation = 0, resourceVersion, uid } }: KubeObject) => {
      this.#lastUpdates.set(key, { desired: json, generation, resourceVersion, uid })
    }
    if (observed !== undefined) {
      if (isUpToDate(this.#lastUpdates.get(key), observed, json)) return
      switch (this.#methods.get(resource)) {
        case 'InPlace':
        case 'RollingInPlace':
          if (observed.metadata.annotations?.[lastAppliedAnnotation] !== undefined && !this.#removeLastApplied(observed)) return
          break
        case 'Recreate':
        case 'RollingRecreate':
          return this.#recreateIfOther(observed, config, key, remember)
        default:
          return remember(observed)
      }
    }
    this.#tolerating(['Conflict'], () => remember(this.#api.apply(config, { manager, force: true })))
  }

  /** Removes the annotation of dynamic apply, which would be out of date. */
  #removeLastApplied (observed: KubeObject): boolean {
    try {
      this.#api.patch(observed, draft => {
        delete draft.metadata.annotations[lastAppliedAnnotation]
      }, { manager })
      return true
    } catch (error) {
      if (isRefusal(error, 'NotFound')) return false
      throw error
    }
  }

  #recreateIfOther (observed: KubeObject, config: Manifest, key: string, remember: (object: KubeObject) => void): void {
    let patched: KubeObject
    try {
      patched = this.#api.apply(config, { manager, force: true, dryRun: true })
    } catch (error) {
      if (isRefusal(error, 'BadRequest', 'Forbidden')) return remember(observed)
      throw new Error(`dry run failed for server-side apply: ${(error as Error).message}`)
    }
    if (patched.metadata.generation !== observed.metadata.generation || patched.metadata.uid !== observed.metadata.uid) {
      throw new Error(`generation or UID changed during dry run for server-side apply, expected generation ${observed.metadata.generation} and UID ${observed.metadata.uid} but got generation ${patched.metadata.generation} and UID ${patched.metadata.uid}, this likely means the object was updated after we read it, retrying on next reconciliation loop to avoid unnecessary delete and recreate`)
    }
    if (equal(sanitized(patched), sanitized(observed))) return remember(observed)
    this.#recreate(observed)
    this.#lastUpdates.delete(key)
  }

  /** Deletes the child; the next sync creates it again. */
  #recreate (observed: KubeObject): void {
    this.#tolerating(['NotFound'], () => this.#api.delete(observed, { manager, uid: observed.metadata.uid }))
  }

  #tolerating (reasons: Parameters<typeof isRefusal>[1][], run: () => unknown): void {
    try {
      run()
    } catch (error) {
      if (!isRefusal(error, ...reasons)) throw error
    }
  }
}

/** The order of the kinds: by group, version and kind. */
function order (left: string, right: string): number {
  const [a, b] = [left, right].map(key => key.startsWith('v1/') ? `/${key}` : key) as [string, string]
  return a < b ? -1 : a > b ? 1 : 0
}

function keyOf ({ apiVersion, kind }: Resource): string {
  return `${apiVersion}/${kind}`
}

function cacheKey (object: Pick<Manifest, 'apiVersion' | 'kind' | 'metadata'>): string {
  return `${groupOf(object.apiVersion)}/${object.kind}/${nameOf(object)}`
}

function isUpToDate (last: LastUpdate | undefined, { metadata: { generation = 0, resourceVersion, uid } }: KubeObject, json: string): boolean {
  return last !== undefined && last.uid === uid && last.desired === json && last.generation === generation &&
    (generation !== 0 || last.resourceVersion === resourceVersion)
}

/** Only kubectl has a default namespace. The API server refuses a namespaced object without one. */
function checkPlace ({ namespaced }: Resource, { metadata: { name, namespace } }: Manifest, verb: 'create' | 'apply'): void {
  // The client does not send a request without a name: it would mean all objects.
  if (verb === 'apply' && name === '') throw new ApiError(400, 'BadRequest', 'name is required')
  if (!namespaced || namespace !== undefined) return
  throw verb === 'create'
    ? new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource')
    : new ApiError(404, 'NotFound', 'the server could not find the requested resource')
}

function owned (desired: Manifest, parent: KubeObject): Manifest {
  // A value that is not a list of references counts as empty and is overwritten.
  const asked: unknown = desired.metadata.ownerReferences
  const ownerReferences = Array.isArray(asked) && asked.every(isObject) ? asked as unknown as OwnerReference[] : []
  if (ownerReferences.some(({ uid }) => uid === parent.metadata.uid)) return desired
  return { ...desired, metadata: { ...desired.metadata, ownerReferences: [...ownerReferences, controllerReference(parent)] } }
}

/** An object without the fields that Metacontroller does not set. */
function sanitized (object: Manifest): Manifest {
  const { status, ...rest } = object
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([name]) => !systemFields.includes(name)))
  return withoutLastApplied({ ...rest, metadata: isObject(metadata) ? metadata : {} } as unknown as Manifest)
}
