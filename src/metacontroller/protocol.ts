import { Type, type Static, type TSchema } from '@sinclair/typebox'
import type { JsonObject, KubernetesObject, ObjectMeta } from '../kubernetes/object.js'

/*
 * What Metacontroller's CompositeController and its hooks say to each other:
 * https://metacontroller.github.io/metacontroller/api/compositecontroller.html#hooks
 */

/** A JSON object of which nothing else is asked. */
const AnyObject = Type.Unsafe<JsonObject>(Type.Object({}))

/**
 * Observed objects, grouped by `<Kind>.<apiVersion>`. Inside a group they are keyed by `name` in hook version v1 and by
 * `namespace/name` in v2; an object's own metadata says the same in both.
 */
export const ObjectMap = Type.Record(Type.String(), Type.Record(Type.String(), AnyObject))

export type ObjectMap = Static<typeof ObjectMap>

/** A parent, as far as every one has it. */
// An alias, for an interface is no JsonObject.
export type Parent = { apiVersion: string, kind: string, metadata: ObjectMeta, status?: unknown }

/**
 * The body of a call to the sync or the finalize hook.
 *
 * @param parent the schema of the parent; all else of the request is the same for every controller
 */
export function HookRequest<Parent extends TSchema> (parent: Parent) {
  return Type.Object({
    controller: Type.Optional(Type.Unknown()),
    parent,
    children: ObjectMap,
    related: Type.Optional(Type.Unknown()),
    finalizing: Type.Optional(Type.Boolean())
  })
}

/** The body of a call to the customize hook. */
export function CustomizeRequest<Parent extends TSchema> (parent: Parent) {
  return Type.Object({
    controller: Type.Optional(Type.Unknown()),
    parent
  })
}

/** The answer of the sync and of the finalize hook. Metacontroller refuses one with any other field. */
export interface HookResponse<Status> {
  /** Replaces the parent's `.status`. */
  status: Status
  /** All the children that the parent is to have: one that is not among them is deleted. */
  children: KubernetesObject[]
  /** Has the parent synced again after so long. */
  resyncAfterSeconds?: number
  /** Of the finalize hook: lets the parent go. */
  finalized?: boolean
}
