import { isRefusal } from './api-error.js'
import type { ApiServer, KubeObject } from './api-server.js'
import { Queue, type Controller } from './controller.js'
import type { OwnerReference } from './resource.js'

/** The field manager of the garbage collector. */
export const manager = 'kube-controller-manager'

/**
 * Deletes objects whose owners are gone. https://kubernetes.io/docs/concepts/architecture/garbage-collection/
 */
export class GarbageCollector implements Controller {
  readonly #api: ApiServer
  readonly #queue = new Queue()

  constructor (api: ApiServer) {
    this.#api = api
    api.watch(({ type, object }) => {
      const { uid, ownerReferences = [], deletionTimestamp } = object.metadata
      if (isIgnored(object)) return
      if (type !== 'DELETED' && (ownerReferences.length > 0 || deletionTimestamp !== undefined)) this.#queue.add(uid)
      if (type !== 'DELETED') return
      for (const child of this.#children(uid)) this.#queue.add(child.metadata.uid)
      // This may unblock an owner that waits for its children.
      for (const owner of ownerReferences) this.#queue.add(owner.uid)
    })
  }

  step (): boolean {
    const uid = this.#queue.take()
    if (uid === undefined) return false
    const object = this.#api.byUid(uid)
    if (object !== undefined) this.#attend(object)
    return true
  }

  #children (uid: string): KubeObject[] {
    return this.#api.ownedBy(uid).filter(child => !isIgnored(child))
  }

  #attend (object: KubeObject): void {
    const { finalizers = [], deletionTimestamp } = object.metadata
    if (deletionTimestamp !== undefined && finalizers.includes('orphan')) return this.#orphanChildren(object)
    if (deletionTimestamp !== undefined && finalizers.includes('foregroundDeletion')) return this.#deleteChildrenFirst(object)
    if (deletionTimestamp === undefined) this.#deleteUnlessOwned(object)
  }

  #deleteUnlessOwned (object: KubeObject): void {
    const { ownerReferences = [], uid } = object.metadata
    if (this.#hasOwnerInNamespace(object)) return
    const dangling = ownerReferences.filter(owner => !this.#exists(object, owner))
    if (dangling.length === 0) return
    if (dangling.length === ownerReferences.length) return this.#tolerate(() => this.#api.delete(object, { manager, uid }))
    this.#withoutOwners(object, dangling)
  }

  /**
   * Whether a cluster-scoped object has an owner of a namespaced kind: such an object is never collected.
   * https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/#owner-references-in-object-specifications
   */
  #hasOwnerInNamespace ({ metadata: { namespace, ownerReferences = [] } }: KubeObject): boolean {
    return namespace === undefined && ownerReferences.some(({ apiVersion, kind }) => this.#api.discover(apiVersion, kind)?.namespaced === true)
  }

  /** Finds an owner by its uid, in the place that the reference names. */
  #exists ({ metadata: { namespace } }: KubeObject, { uid, name, kind }: OwnerReference): boolean {
    const owner = this.#api.byUid(uid)
    return owner !== undefined && owner.kind === kind && owner.metadata.name === name &&
      (owner.metadata.namespace === undefined || owner.metadata.namespace === namespace)
  }

  #withoutOwners (object: KubeObject, owners: OwnerReference[]): void {
    const gone = new Set(owners.map(({ uid }) => uid))
    this.#tolerate(() => this.#api.patch(object, draft => {
      draft.metadata.ownerReferences = draft.metadata.ownerReferences.filter(({ uid }: OwnerReference) => !gone.has(uid))
    }, { manager }))
  }

  #orphanChildren (owner: KubeObject): void {
    for (const child of this.#children(owner.metadata.uid)) {
      this.#withoutOwners(child, (child.metadata.ownerReferences ?? []).filter(({ uid }) => uid === owner.metadata.uid))
    }
    this.#withoutFinalizer(owner, 'orphan')
  }

  #deleteChildrenFirst (owner: KubeObject): void {
    for (const child of this.#children(owner.metadata.uid)) {
      if (child.metadata.deletionTimestamp !== undefined) continue
      this.#tolerate(() => this.#api.delete(child, { manager, propagation: this.#children(child.metadata.uid).length > 0 ? 'Foreground' : 'Background', uid: child.metadata.uid }))
    }
    const blocked = this.#children(owner.metadata.uid).some(child =>
      child.metadata.ownerReferences?.some(({ uid, blockOwnerDeletion }) => uid === owner.metadata.uid && blockOwnerDeletion === true))
    if (!blocked) this.#withoutFinalizer(owner, 'foregroundDeletion')
  }

  #withoutFinalizer (object: KubeObject, finalizer: string): void {
    this.#tolerate(() => this.#api.patch(object, draft => {
      draft.metadata.finalizers = draft.metadata.finalizers.filter((name: string) => name !== finalizer)
    }, { manager }))
  }

  /** The object may be gone already. */
  #tolerate (run: () => unknown): void {
    try {
      run()
    } catch (error) {
      if (!isRefusal(error, 'NotFound', 'Conflict')) throw error
    }
  }
}

/** Events expire and are not collected. */
function isIgnored ({ apiVersion, kind }: KubeObject): boolean {
  return apiVersion === 'v1' && kind === 'Event'
}
