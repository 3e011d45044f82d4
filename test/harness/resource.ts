import { objectMeta, type Struct } from './schema.js'
import type { ManagedFieldsEntry } from './managed-fields.js'
import { storedForm } from './typed-kind.js'

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/#OwnerReference */
export interface OwnerReference {
  apiVersion: string
  kind: string
  name: string
  uid: string
  controller?: boolean
  blockOwnerDeletion?: boolean
}

/** The metadata of an object that is stored. */
export interface StoredMeta {
  name: string
  namespace?: string
  uid: string
  resourceVersion: string
  generation?: number
  creationTimestamp: string
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  labels?: Record<string, string>
  annotations?: Record<string, string>
  finalizers?: string[]
  ownerReferences?: OwnerReference[]
  managedFields?: ManagedFieldsEntry[]
}

/** An object as the API server has stored it. It is frozen; who wants another one says so to the API server. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: StoredMeta
  spec?: any
  status?: any
  [field: string]: unknown
}

/** An object as somebody asks for it. */
export interface Manifest {
  apiVersion: string
  kind: string
  metadata: Partial<StoredMeta> & { name: string }
  spec?: any
  status?: any
  [field: string]: unknown
}

/** Which object. Namespaced kinds without a namespace are in `default`. */
export interface Reference {
  apiVersion: string
  kind: string
  metadata: { name: string, namespace?: string | undefined }
}

/** All that the API server has to know of a kind. */
export interface Resource {
  apiVersion: string
  kind: string
  /** The name in URLs: `deployments`. */
  plural: string
  namespaced: boolean
  schema: Struct
  /** What managed fields take an object for that is not there yet. */
  empty: object
  /** Whether the server counts the changes of what is asked for. */
  hasGeneration: boolean
  /** Whether the status is a subresource. */
  hasStatus: boolean
  /** Paths of what a write of the status cannot change. */
  statusKeeps: string[][]
  /** Paths of what a write of the status is not said to set, though it tries to. */
  statusResets: string[][]
  /** Whether a replacement may leave out the resourceVersion, and so replace whatever is there. */
  unconditionalUpdate: boolean
  /**
   * Reads an object into the form in which it is stored, with defaults.
   *
   * @param object is the reader's own
   * @param applied whether it comes from server-side apply, where null is not the same as absent
   */
  read: (object: KubeObject, applied?: boolean) => KubeObject
  /** Tells what is wrong with an object: each path with its problem. */
  validate: (object: KubeObject, old?: KubeObject) => string[]
  isNewGeneration: (object: KubeObject, old: KubeObject) => boolean
  /** Tells which fields the server refuses where validation is strict, as it is for kubectl; undefined where they are not known. */
  unknownFields?: (object: Manifest) => string[]
}

/** `apps` of `apps/v1`; an empty text for the core group. */
export function groupOf (apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
}

/** `deployments.apps`, as messages name a kind. */
export function groupResource ({ apiVersion, plural }: Resource): string {
  const group = groupOf(apiVersion)
  return group === '' ? plural : `${plural}.${group}`
}

/** `default/name`, or `name` of what has no namespace. */
export function nameOf ({ metadata: { namespace, name } }: Reference): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

/** The reference by which an object is controlled. */
export function controllerOf ({ metadata: { ownerReferences = [] } }: KubeObject): OwnerReference | undefined {
  return ownerReferences.find(({ controller }) => controller === true)
}

/** The reference by which a parent controls its children. */
export function controllerReference ({ apiVersion, kind, metadata: { name, uid } }: KubeObject): OwnerReference {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
}

/** Metadata in the form in which it is stored: of every kind, what is empty is dropped. */
export function storedMeta (object: KubeObject): KubeObject {
  return { ...object, metadata: storedForm(object.metadata, objectMeta, 'metadata') as StoredMeta }
}
