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

/** The metadata of a stored object. */
export interface StoredMeta {
  name: string
  generateName?: string
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

/** An object as stored by the API server. It is frozen: use the API server to change it. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: StoredMeta
  spec?: any
  status?: any
  [field: string]: unknown
}

/** A desired object. */
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

/** Everything that the API server needs to know about a kind. */
export interface Resource {
  apiVersion: string
  kind: string
  /** The name in URLs: `deployments`. */
  plural: string
  namespaced: boolean
  schema: Struct
  /** The empty object with which managed fields compare a new one. */
  empty: object
  /** Whether the kind has a generation. */
  hasGeneration: boolean
  /** Whether the status is a subresource. */
  hasStatus: boolean
  /** Paths of fields that a status write cannot change. */
  statusKeeps: string[][]
  /** Paths of fields that are not recorded as set by a status write, even if it contains them. */
  statusResets: string[][]
  /** Whether an update may leave out the resourceVersion, to replace any version. */
  unconditionalUpdate: boolean
  /**
   * Converts an object to its stored form, with defaults.
   *
   * @param object may be changed
   * @param applied whether it comes from server-side apply, in which null differs from absent
   */
  read: (object: KubeObject, applied?: boolean) => KubeObject
  /** Validates an object. Returns each path with its problem. */
  validate: (object: KubeObject, old?: KubeObject) => string[]
  isNewGeneration: (object: KubeObject, old: KubeObject) => boolean
  /** Finds the fields that strict validation refuses, which kubectl asks for; undefined if the fields are not known. */
  unknownFields?: (object: Manifest) => string[]
  /** Whether objects are stored as they come, without defaults and validation, except for their metadata. */
  isPlain?: boolean
}

/** `apps` of `apps/v1`; empty for the core group. */
export function groupOf (apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
}

/** `deployments.apps`: the name of a kind in messages. */
export function groupResource ({ apiVersion, plural }: Resource): string {
  const group = groupOf(apiVersion)
  return group === '' ? plural : `${plural}.${group}`
}

/** `default/name`, or `name` if there is no namespace. */
export function nameOf ({ metadata: { namespace, name } }: Reference): string {
  return namespace === undefined ? name : `${namespace}/${name}`
}

/** The owner reference of an object's controller. */
export function controllerOf ({ metadata: { ownerReferences = [] } }: KubeObject): OwnerReference | undefined {
  return ownerReferences.find(({ controller }) => controller === true)
}

/** The owner reference from a parent's children to the parent. */
export function controllerReference ({ apiVersion, kind, metadata: { name, uid } }: KubeObject): OwnerReference {
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }
}

/** Metadata in its stored form: for every kind, empty values are dropped. */
export function storedMeta (object: KubeObject): KubeObject {
  return { ...object, metadata: storedForm(object.metadata, objectMeta, 'metadata') as StoredMeta }
}
