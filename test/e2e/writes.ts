import { isDeepStrictEqual } from 'node:util'
import * as names from '../../src/samplesource/names.js'
import { Unexpected } from './expect.js'
import type { KubeObject } from './kube-object.js'
import type { Kubectl } from './kubectl.js'
import { labelsOf } from './sources.js'

/** How often a source, its children and its pods were written. */
export interface Writes {
  /** Updates of the source's status. */
  status: number
  /** Children created. */
  created: number
  /** Updates of children by Metacontroller. Writes by others do not count. */
  updated: number
  /** Pods created. */
  pods: number
}

/** One change from a watch of the API server: an object a line. */
interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'
  object: KubeObject
}

/** The state from which writes are counted. */
export interface Snapshot {
  /** The lists, by path, with the resource version from which a watch continues. */
  lists: Array<{ path: string, resourceVersion: string }>
  /** All objects of the lists, by kind and name. */
  objects: Map<string, KubeObject>
}

/** Takes a snapshot of a namespace: its sources, SinkBindings, Deployments and pods. */
export async function takeSnapshot (kubectl: Kubectl, namespace: string): Promise<Snapshot> {
  const snapshot: Snapshot = { lists: [], objects: new Map() }
  for (const [api, resource, kind] of [
    [`apis/${names.apiVersion}`, names.plural, names.kind],
    ['apis/sources.knative.dev/v1', 'sinkbindings', 'SinkBinding'],
    ['apis/apps/v1', 'deployments', 'Deployment'],
    ['api/v1', 'pods', 'Pod']
  ]) {
    const path = `/${api}/namespaces/${namespace}/${resource}`
    const { metadata, items } = JSON.parse(await kubectl.run(['get', '--raw', path])) as { metadata: { resourceVersion: string }, items: KubeObject[] }
    snapshot.lists.push({ path, resourceVersion: metadata.resourceVersion })
    // Objects in a list have no kind.
    for (const item of items) snapshot.objects.set(`${kind} ${item.metadata.name}`, item)
  }
  return snapshot
}

/**
 * Counts the writes since a snapshot. The API server keeps them for some minutes at least, and sends them in order.
 *
 * @param source name of the source
 * @throws Unexpected if the API server no longer has all of them
 */
export async function countWrites (kubectl: Kubectl, { lists, objects }: Snapshot, source: string): Promise<Writes> {
  const events: WatchEvent[] = []
  for (const { path, resourceVersion } of lists) {
    const lines = await kubectl.run(['get', '--raw', `${path}?watch=1&resourceVersion=${resourceVersion}&timeoutSeconds=1`])
    events.push(...lines.split('\n').filter(line => line !== '').map(line => JSON.parse(line) as WatchEvent))
  }
  return count(events, objects, source)
}

function count (events: WatchEvent[], before: Map<string, KubeObject>, source: string): Writes {
  const writes = { status: 0, created: 0, updated: 0, pods: 0 }
  const objects = new Map(before)
  for (const { type, object } of events) {
    if (type === 'ERROR') throw new Unexpected('all writes since the snapshot', object)
    const { kind, metadata } = object
    const key = `${kind} ${metadata.name}`
    const last = objects.get(key)
    objects.set(key, object)
    if (kind === names.kind) {
      if (metadata.name === source && !isDeepStrictEqual(object.status, last?.status)) writes.status++
    } else if (isOf(object, source)) {
      if (type === 'ADDED') writes[kind === 'Pod' ? 'pods' : 'created']++
      else if (type === 'MODIFIED' && kind !== 'Pod' && !isDeepStrictEqual(appliedTo(object), appliedTo(last))) writes.updated++
    }
  }
  return writes
}

function isOf ({ metadata: { labels } }: KubeObject, source: string): boolean {
  return Object.entries(labelsOf(source)).every(([name, value]) => labels?.[name] === value)
}

/** Changes only when Metacontroller writes the object: the annotation (dynamic apply) or its fields (server-side apply). */
function appliedTo (object: KubeObject | undefined) {
  const { annotations, managedFields = [] } = object?.metadata ?? {}
  return [
    annotations?.['metacontroller.k8s.io/last-applied-configuration'],
    managedFields.filter(({ manager, subresource }) => manager === 'metacontroller' && subresource === undefined)
  ]
}
