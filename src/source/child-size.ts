import { unescapeReferences } from '../kubernetes/env-vars.js'
import type { FieldError } from '../kubernetes/field-error.js'
import { arrayAt, stringAt, type KubernetesObject } from '../kubernetes/object.js'

/*
 * The hook does not answer with a child that is too large: Metacontroller could not create it, or its pod would not start.
 * Each field of a spec has its own limit; these are limits for the total, which includes the operator's settings.
 */

/**
 * The API server's limit for all annotations of an object.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/
 */
const maxAnnotationBytes = 256 * 1024

/** Part of it left for other annotations, and for the label that Metacontroller adds. */
const roomForOthers = 16 * 1024

/** Metacontroller stores each child in one of its annotations, to know what it has applied. */
const maxChildBytes = maxAnnotationBytes - roomForOthers

/**
 * Linux's limit for `NAME=value` with the final NUL: MAX_ARG_STRLEN.
 * https://man7.org/linux/man-pages/man2/execve.2.html
 */
const maxEnvBytes = 128 * 1024

/**
 * Checks whether a child is too large, or an env var of the containers in its pod template.
 *
 * @param child a desired child
 * @returns every problem; the path is the child's kind
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

/** The length of a value as JSON in Go, in bytes: HTML characters take six. https://pkg.go.dev/encoding/json#Marshal */
function sizeAsJson (value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, '\\u0000'))
}
