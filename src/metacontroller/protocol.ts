import { Type, type Static, type TSchema } from '@sinclair/typebox'
import type { JsonObject, KubernetesObject, ObjectMeta } from '../kubernetes/object.js'

/*
 * The protocol between Metacontroller's CompositeController and its hooks:
 * https://metacontroller.github.io/metacontroller/api/compositecontroller.html#hooks
 */

/** A JSON object with any fields. */
const AnyObject = Type.Unsafe<JsonObject>(Type.Object({}))

/**
 * Observed objects, grouped by `<Kind>.<apiVersion>`. The keys inside a group are `name` in hook version v1, and
 * `namespace/name` in v2; an object's own metadata is the same in both.
 */
export const ObjectMap = Type.Record(Type.String(), Type.Record(Type.String(), AnyObject))

export type ObjectMap = Static<typeof ObjectMap>

/** The fields that every parent has. */
// A type alias, as an interface is not assignable to JsonObject.
export type Parent = { apiVersion: string, kind: string, metadata: ObjectMeta, status?: unknown }

/**
 * The body of a call to the sync or finalize hook.
 *
 * @param parent the schema of the parent; the rest of the request is the same for every controller
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

/** The answer of the sync and finalize hooks. Metacontroller rejects any other field. */
export interface HookResponse<Status> {
  /** Replaces the parent's `.status`. */
  status: Status
  /** All desired children of the parent: an existing one that is not in the list is deleted. */
  children: KubernetesObject[]
  /** Metacontroller syncs the parent again after this time. */
  resyncAfterSeconds?: number
  /** Of the finalize hook: allows the deletion of the parent. */
  finalized?: boolean
}
