import { unescapeReferences } from '../kubernetes/env-vars.js'
import type { FieldError } from '../kubernetes/field-error.js'
import { arrayAt, stringAt, type KubernetesObject } from '../kubernetes/object.js'

/*
 * A child that is too large for its cluster is not answered: Metacontroller could not make it, or its pod would not start.
 * The fields of a spec have bounds of their own; this is about what they, and the operator's settings, come to in sum.
 */

/** What the API server takes of an object's annotations, all together. https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/ */
const maxAnnotationBytes = 256 * 1024

/** What is left of that to others, and to the label that Metacontroller adds. */
const roomForOthers = 16 * 1024

/** Metacontroller keeps a child in one of its annotations, to know later what it has applied. */
const maxChildBytes = maxAnnotationBytes - roomForOthers

/** The longest `NAME=value` that Linux hands to a process, with the NUL that ends it: MAX_ARG_STRLEN. https://man7.org/linux/man-pages/man2/execve.2.html */
const maxEnvBytes = 128 * 1024

/**
 * Finds out whether a child is too large, or an env var of the containers in its pod template.
 *
 * @param child a desired one
 * @returns every problem; its path is the kind of the child
 */
export function validateSize (child: KubernetesObject): FieldError[] {
  const bytes = sizeAsJson(child)
  const env = arrayAt(child, 'spec', 'template', 'spec', 'containers').flatMap(container => arrayAt(container, 'env'))
  return [
    ...(bytes <= maxChildBytes ? [] : [{ path: child.kind, message: `expected at most ${maxChildBytes} bytes as JSON, for an annotation of it, got ${bytes}` }]),
    ...env.flatMap(variable => validateEnvVar(child.kind, variable))
  ]
}

function validateEnvVar (kind: string, variable: unknown): FieldError[] {
  const name = stringAt(variable, 'name')
  const bytes = Buffer.byteLength(`${name}=${unescapeReferences(stringAt(variable, 'value') ?? '')}\0`)
  return bytes <= maxEnvBytes ? [] : [{ path: kind, message: `expected at most ${maxEnvBytes} bytes in the environment variable ${name}, got ${bytes}` }]
}

/** The bytes of a value as JSON, as Go writes it: six for what has a meaning in HTML. https://pkg.go.dev/encoding/json#Marshal */
function sizeAsJson (value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, '\\u0000'))
}
