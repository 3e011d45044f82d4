import { Type } from '@sinclair/typebox'
import { quote, under, type FieldError } from './field-error.js'
import { isLabelKey, isLabelValue } from './names.js'
import { timeAt } from './time.js'

/*
 * The metadata of an object as a person writes it; a stored object has more (see object.ts).
 */

const text = Type.Optional(Type.String())
const flag = Type.Optional(Type.Boolean())
const integer = Type.Optional(Type.Integer())

/** A map of texts, as a structural schema. */
const texts = Type.Optional(Type.Object({}, { additionalProperties: Type.String() }))

/**
 * All fields of metadata, as a structural schema: the API server does not know any other.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
 */
export const WrittenObjectMeta = Type.Object({
  name: text,
  generateName: text,
  namespace: text,
  labels: texts,
  annotations: texts,
  finalizers: Type.Optional(Type.Array(Type.String())),
  ownerReferences: Type.Optional(Type.Array(Type.Object({
    apiVersion: text,
    kind: text,
    name: text,
    uid: text,
    controller: flag,
    blockOwnerDeletion: flag
  }))),
  managedFields: Type.Optional(Type.Array(Type.Object({
    manager: text,
    operation: text,
    apiVersion: text,
    time: text,
    fieldsType: text,
    fieldsV1: Type.Optional(Type.Object({}, { 'x-kubernetes-preserve-unknown-fields': true })),
    subresource: text
  }))),
  uid: text,
  resourceVersion: text,
  generation: integer,
  creationTimestamp: text,
  deletionTimestamp: text,
  deletionGracePeriodSeconds: integer,
  selfLink: text
})

/** The limit for all annotations of an object together, in bytes: apimachinery's `TotalAnnotationSizeLimitB`. */
const maxAnnotationBytes = 256 * 1024

/** The fields of metadata that {@link validateObjectMeta} looks at. */
export interface ValidatedMeta {
  labels?: Record<string, string> | undefined
  annotations?: Record<string, string> | undefined
  finalizers?: string[] | undefined
  ownerReferences?: Owner[] | undefined
  creationTimestamp?: string | undefined
}

interface Owner {
  apiVersion?: string
  kind?: string
  name?: string
  uid?: string
  controller?: boolean
}

/**
 * Validates metadata, except for the names and the namespace, as the API server does for every kind: apimachinery's
 * `ValidateObjectMeta`.
 * https://pkg.go.dev/k8s.io/apimachinery/pkg/api/validation#ValidateObjectMeta
 *
 * @returns the errors, with paths in the metadata such as `labels`
 */
export function validateObjectMeta ({ labels = {}, annotations = {}, finalizers = [], ownerReferences = [], creationTimestamp }: ValidatedMeta): FieldError[] {
  const annotationBytes = Object.entries(annotations).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)
  return [
    ...Object.keys(labels).filter(key => !isLabelKey(key)).map(key => invalid('labels', key, keyRule)),
    ...Object.values(labels).filter(value => !isLabelValue(value)).map(value => invalid('labels', value, `the value of a label has ${nameRule}, or is empty`)),
    ...Object.keys(annotations).filter(key => !isLabelKey(key.toLowerCase())).map(key => invalid('annotations', key, keyRule)),
    ...(annotationBytes > maxAnnotationBytes ? [{ path: 'annotations', message: `Too long: may not be more than ${maxAnnotationBytes} bytes` }] : []),
    ...finalizers.filter(finalizer => !isLabelKey(finalizer)).map(finalizer => invalid('finalizers', finalizer, keyRule)),
    ...(finalizers.includes('orphan') && finalizers.includes('foregroundDeletion') ? [invalid('finalizers', 'orphan', 'foregroundDeletion is there too, and only one of them may be')] : []),
    ...ownerReferences.flatMap((owner, index) => under(`ownerReferences[${index}]`, validateOwner(owner))),
    ...(ownerReferences.filter(({ controller }) => controller === true).length > 1
      ? [{ path: 'ownerReferences', message: 'Invalid value: only one owner can have controller: true' }]
      : []),
    ...(creationTimestamp !== undefined && timeAt(creationTimestamp) === undefined ? [invalid('creationTimestamp', creationTimestamp, 'a time has the format of RFC 3339')] : [])
  ]
}

function validateOwner (owner: Owner): FieldError[] {
  const { apiVersion = '', kind } = owner
  return [
    ...(['apiVersion', 'kind', 'name', 'uid'] as const).filter(field => !owner[field]).map(field => ({ path: field, message: 'Required value: must not be empty' })),
    ...(/^([^/]*\/)?[^/]+$|^$/.test(apiVersion) ? [] : [invalid('apiVersion', apiVersion, 'it is <group>/<version> or <version>')]),
    ...(apiVersion === 'v1' && kind === 'Event' ? [{ path: '', message: 'Invalid value: an Event of v1 cannot be an owner' }] : [])
  ]
}

const nameRule = "at most 63 letters, digits, '-', '_' and '.', and begins and ends with a letter or digit"
const keyRule = `a key has ${nameRule}; a DNS subdomain and '/' may come before that`

function invalid (path: string, value: string, rule: string): FieldError {
  return { path, message: `Invalid value: ${quote(value)}: ${rule}` }
}
