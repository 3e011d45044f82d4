import { Type } from '@sinclair/typebox'

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
