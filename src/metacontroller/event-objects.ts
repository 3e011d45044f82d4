import { createHash } from 'node:crypto'
import type { Event } from 'kubernetes-types/core/v1.js'
import { findCondition } from '../kubernetes/conditions.js'
import { valueAt, type KubernetesObject } from '../kubernetes/object.js'
import { formatTime } from '../kubernetes/time.js'
import { findChild, keepAll } from './children.js'
import type { ObjectMap, Parent } from './protocol.js'
import type { ReconcilerEvent } from './reconciler-events.js'

/*
 * Reconciler events as Kubernetes Events. The hook calls no API, so they are children that Metacontroller creates.
 *
 * They reach a fixed point, although the hook has no memory and the API server deletes each Event after an hour:
 * - An observed Event is returned unchanged, so it is neither changed nor deleted.
 * - An Event that is not observed is returned only in the sync in which the status of its condition differs from the
 *   stored one. That same sync stores the status. From then on the two are equal, so the Event is not returned again:
 *   neither while Metacontroller's cache does not show it yet, nor after it has expired.
 * - If the sync is repeated from the same stored status (the write failed, the cache is behind), the Event has the same
 *   name, which is made from the source, the event and the stored status. There is no duplicate.
 */

const group = 'Event.v1'

/** An Event that we make. */
type EventObject = Event & KubernetesObject

/** The API server's limit for the message of a new Event. */
const maxMessageLength = 1024

/** The longest name of an object. */
const maxNameLength = 253

/** Returns the observed Events of a parent unchanged. */
export function keepEvents (children: ObjectMap): KubernetesObject[] {
  return keepAll({ [group]: children[group] ?? {} })
}

/**
 * Makes Events from the events that are new in this sync.
 *
 * @param events of this sync
 * @param parent with its stored status
 * @param status the one computed now
 * @param children the observed ones; without a group for Events, none are made
 * @param agentName the name of the controller, which reports the Events
 * @param now when they happened
 */
export function makeEvents (events: ReconcilerEvent[], parent: Parent, status: unknown, children: ObjectMap, agentName: string, now: Date): EventObject[] {
  if (!Object.hasOwn(children, group)) return []
  return events
    .filter(({ condition }) => isNew(parent, status, condition))
    .map(event => makeEvent(event, parent, agentName, now))
    .filter(({ metadata: { name } }) => findChild(children, 'v1', 'Event', name) === undefined)
}

/** Whether a sync changes a condition of the stored status, or is the first one of a generation. */
function isNew (parent: Parent, status: unknown, type: string): boolean {
  if (valueAt(parent.status, 'observedGeneration') !== parent.metadata.generation) return true
  const before = findCondition(parent.status, type)
  const now = findCondition(status, type)
  return before?.status !== now?.status || before?.reason !== now?.reason || before?.message !== now?.message
}

function makeEvent (event: ReconcilerEvent, parent: Parent, agentName: string, now: Date): EventObject {
  const { type, reason, message } = event
  const { apiVersion, kind, metadata: { namespace, name, uid } } = parent
  const timestamp = formatTime(now)
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: nameOf(event, parent), namespace },
    involvedObject: { apiVersion, kind, namespace, name, uid },
    type,
    reason,
    message: message.length > maxMessageLength ? `${message.slice(0, maxMessageLength - 1)}…` : message,
    source: { component: agentName },
    reportingComponent: agentName,
    firstTimestamp: timestamp,
    lastTimestamp: timestamp,
    count: 1
  }
}

/** `<parent>.<hash>`, like the names of Kubernetes' own Events; the hash is of the event and the previous status. */
function nameOf ({ reason, message, condition }: ReconcilerEvent, { metadata: { name, uid, generation }, status }: Parent): string {
  const before = [valueAt(status, 'observedGeneration'), findCondition(status, condition)]
  const hash = createHash('sha256').update(JSON.stringify([uid, generation, reason, message, before])).digest('hex').slice(0, 16)
  const head = name.slice(0, maxNameLength - hash.length - 1).replace(/[^a-z0-9]+$/, '')
  return `${head}.${hash}`
}
