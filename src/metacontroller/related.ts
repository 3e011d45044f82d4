import { isObject, stringAt, valueAt, type JsonObject } from '../kubernetes/object.js'

/*
 * Related objects: what a customize hook has asked for, and the sync hook gets in addition to the children.
 * https://metacontroller.github.io/metacontroller/api/customize.html
 */

/** A rule of the customize hook's answer: which objects of a kind are related. */
export interface RelatedResourceRule {
  apiVersion: string
  /** The kind's plural in lower case: `configmaps`. */
  resource: string
  namespace: string
  names: string[]
}

/** The answer of the customize hook. Metacontroller refuses one with any other field. */
export interface CustomizeResponse {
  relatedResources: RelatedResourceRule[]
}

/**
 * Tells whether objects of another namespace may be asked for: of a parent with a namespace, only with version v2 of the
 * customize hook.
 *
 * @param controller the CompositeController, as the request has it
 */
export function canRelateOtherNamespaces (controller: unknown): boolean {
  return stringAt(controller, 'spec', 'hooks', 'customize', 'version') === 'v2'
}

/**
 * The related objects of a kind; they may be none.
 *
 * @param related as Metacontroller sends it
 * @returns undefined when none of that kind were asked for
 */
export function relatedObjects (related: unknown, apiVersion: string, kind: string): JsonObject[] | undefined {
  const group = valueAt(related, `${kind}.${apiVersion}`)
  return isObject(group) ? Object.values(group).filter(isObject) : undefined
}

/** Finds an object by its own name and namespace, whichever hook version keyed it. */
export function findObject (objects: JsonObject[], namespace: string, name: string): JsonObject | undefined {
  return objects.find(object => stringAt(object, 'metadata', 'name') === name && stringAt(object, 'metadata', 'namespace') === namespace)
}
