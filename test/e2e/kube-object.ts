import * as names from '../../src/samplesource/names.js'
/** An object as `kubectl get --output json` prints it. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: {
    name: string
    namespace?: string
    uid?: string
    generation?: number
    resourceVersion?: string
    deletionTimestamp?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
    finalizers?: string[]
    ownerReferences?: Array<{ apiVersion: string, kind: string, name: string, uid: string, controller?: boolean, blockOwnerDeletion?: boolean }>
    managedFields?: Array<{ manager?: string, operation?: string, subresource?: string }>
  }
  spec?: any
  status?: any
  [field: string]: any
}

/** A reference to an object: `deployments.apps/event-display`, with or without a namespace. */
export interface Reference {
  /** As kubectl takes it: `deployments.apps`. */
  resource: string
  name: string
  namespace?: string
}

/** The label of all objects that the script creates. Its value is the id of the run. */
export const runLabel = `${names.group}/e2e`

/** Marks an object as created by a run. */
export function ofRun<Type extends KubeObject> (object: Type, id: string): Type {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, [runLabel]: id } } }
}

/**
 * Finds the one object of a kind, and with a name if it is given.
 *
 * @throws Error if there is none, or more than one
 */
export function find (objects: KubeObject[], kind: string, name?: string): KubeObject {
  const [found, ...others] = objects.filter(object => object.kind === kind && (name ?? object.metadata.name) === object.metadata.name)
  if (found === undefined || others.length > 0) throw new Error(`expected one ${kind} ${name ?? ''}, found ${others.length + (found ? 1 : 0)}`)
  return found
}

/** `True`, or the status and reason of a condition, such as `False InvalidSpec`; undefined if it is absent. */
export function condition (object: KubeObject | undefined, type = 'Ready'): string | undefined {
  const found = object?.status?.conditions?.find((condition: { type: string }) => condition.type === type)
  return found && [found.status, found.reason].filter(Boolean).join(' ')
}
