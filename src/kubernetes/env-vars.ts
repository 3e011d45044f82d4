import type { EnvVar as AnyEnvVar } from 'kubernetes-types/core/v1.js'

declare const escaped: unique symbol

/**
 * The value of an env var without references to other variables. It has its own type, so that text gets into an
 * environment only by {@link escapeReferences}.
 */
export type EnvValue = string & { readonly [escaped]: true }

/** An env var of a container, with exactly the intended value. */
export type EnvVar = Omit<AnyEnvVar, 'value'> & { value?: EnvValue }

/**
 * Escapes a text so that the container gets exactly this text in an env var: the kubelet replaces `$(NAME)` by the value
 * of another variable, and `$$` by a dollar sign.
 * https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export function escapeReferences (text: string): EnvValue {
  return text.replaceAll('$', '$$$$') as EnvValue
}

/** The text that the container gets for a value without references: the reverse of {@link escapeReferences}. */
export function unescapeReferences (value: string): string {
  return value.replaceAll('$$', '$')
}

/**
 * Makes an env var from a field of a spec: the container gets exactly this text, or a number or boolean as JSON.
 *
 * @param value an empty text or undefined if the field is not set
 * @returns none if the field is not set: the API server drops an empty value, so sending it again would be an update at
 * every sync
 */
export function textEnvVar (name: string, value: string | number | boolean | undefined): EnvVar[] {
  return value === undefined || value === '' ? [] : [{ name, value: escapeReferences(String(value)) }]
}

/**
 * Makes an env var from a stored one, without any change.
 *
 * @param value as stored; undefined if there is none
 */
export function storedEnvVar (name: string, value: string | undefined): EnvVar {
  return { name, ...(value !== undefined && { value: value as EnvValue }) }
}
