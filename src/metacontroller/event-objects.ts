import { createHash } from 'node:crypto'
import type { Event } from 'kubernetes-types/core/v1.js'
import { findCondition } from '../kubernetes/conditions.js'
import { valueAt, type KubernetesObject } from '../kubernetes/object.js'
import { formatTime } from '../kubernetes/time.js'
import { findChild, keepAll } from './children.js'
import type { ObjectMap, Parent } from './protocol.js'
import type { ReconcilerEvent } from './reconciler-events.js'

/*
 * Reconciler events as Kubernetes Events. The hook calls no API, so they are children: Metacontroller creates them.
 *
 * They come to rest, though the hook remembers nothing and the API server drops each Event after an hour:
 * - An Event that is observed is answered as it is, so it is neither changed nor deleted.
 * - One that is not observed is answered only in the sync whose status differs, in the condition that the event belongs
 *   to, from the status that is stored. That same sync stores the status. From then on the two are alike, so it is not
 *   answered again: not while Metacontroller's cache does not show it yet, and not when it has expired.
 * - Should the sync be repeated from the same stored status (the write has failed, the cache is behind), the Event has
 *   the same name: that is made of the source, the event and the stored status. There is no second one.
 */

const group = 'Event.v1'

/** An Event as we make it. */
type EventObject = Event & KubernetesObject

/** What the API server takes of an Event's message, in new ones. */
const maxMessageLength = 1024

/** The longest name of an object. */
const maxNameLength = 253

/** Answers the observed Events of a parent as they are. */
export function keepEvents (children: ObjectMap): KubernetesObject[] {
  return keepAll({ [group]: children[group] ?? {} })
}

/**
 * Makes Events of the events that are new in this sync.
 *
 * @param events of this sync
 * @param parent with its stored status
 * @param status the one that is computed now
 * @param children the observed ones; without a group of Events nobody has asked for any
 * @param agentName the name of the controller, as the Events' reporter
 * @param now when they happened
 */
export function makeEvents (events: ReconcilerEvent[], parent: Parent, status: unknown, children: ObjectMap, agentName: string, now: Date): EventObject[] {
  if (!Object.hasOwn(children, group)) return []
  return events
    .filter(({ condition }) => isNew(parent, status, condition))
    .map(event => makeEvent(event, parent, agentName, now))
    .filter(({ metadata: { name } }) => findChild(children, 'v1', 'Event', name) === undefined)
}

/** Tells whether a sync changes what the stored status says in a condition, or is the first of a generation. */
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

/** `<parent>.<hash>`, as Kubernetes' own Events are named; what the event is about and what was before make the hash. */
function nameOf ({ reason, message, condition }: ReconcilerEvent, { metadata: { name, uid, generation }, status }: Parent): string {
  const before = [valueAt(status, 'observedGeneration'), findCondition(status, condition)]
  const hash = createHash('sha256').update(JSON.stringify([uid, generation, reason, message, before])).digest('hex').slice(0, 16)
  const head = name.slice(0, maxNameLength - hash.length - 1).replace(/[^a-z0-9]+$/, '')
  return `${head}.${hash}`
}
