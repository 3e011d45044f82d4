import { isObject, stringAt, valueAt, type JsonObject } from '../kubernetes/object.js'

/*
 * Related objects: a customize hook asks for them, and the sync hook gets them besides the children.
 * https://metacontroller.github.io/metacontroller/api/customize.html
 */

/** A rule in the customize hook's answer: which objects of a kind are related. */
export interface RelatedResourceRule {
  apiVersion: string
  /** The kind's plural in lower case: `configmaps`. */
  resource: string
  namespace: string
  names: string[]
}

/** The answer of the customize hook. Metacontroller rejects any other field. */
export interface CustomizeResponse {
  relatedResources: RelatedResourceRule[]
}

/**
 * Whether the customize hook may ask for objects of another namespace: for a namespaced parent, only in version v2 of the
 * hook.
 *
 * @param controller the CompositeController, as in the request
 */
export function canRelateOtherNamespaces (controller: unknown): boolean {
  return stringAt(controller, 'spec', 'hooks', 'customize', 'version') === 'v2'
}

/**
 * The related objects of a kind; possibly none.
 *
 * @param related as Metacontroller sends it
 * @returns undefined if the hook has not asked for this kind
 */
export function relatedObjects (related: unknown, apiVersion: string, kind: string): JsonObject[] | undefined {
  const group = valueAt(related, `${kind}.${apiVersion}`)
  return isObject(group) ? Object.values(group).filter(isObject) : undefined
}

/** Finds an object by its name and namespace, in any hook version. */
export function findObject (objects: JsonObject[], namespace: string, name: string): JsonObject | undefined {
  return objects.find(object => stringAt(object, 'metadata', 'name') === name && stringAt(object, 'metadata', 'namespace') === namespace)
}
