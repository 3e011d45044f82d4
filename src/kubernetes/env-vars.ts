import type { EnvVar as AnyEnvVar } from 'kubernetes-types/core/v1.js'

declare const escaped: unique symbol

/**
 * A value for an env var, in which the kubelet finds no reference to another variable. It has a type of its own so that a
 * text gets into an environment by {@link escapeReferences} only.
 */
export type EnvValue = string & { readonly [escaped]: true }

/** An env var of a container: its container gets just what was meant. */
export type EnvVar = Omit<AnyEnvVar, 'value'> & { value?: EnvValue }

/**
 * Writes a text so that a container gets just that in an env var: the kubelet takes `$(NAME)` for the value of another
 * variable, and `$$` for a dollar sign.
 * https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export function escapeReferences (text: string): EnvValue {
  return text.replaceAll('$', '$$$$') as EnvValue
}

/** The text that a container gets of a value, where there is no reference in it: what {@link escapeReferences} was given. */
export function unescapeReferences (value: string): string {
  return value.replaceAll('$$', '$')
}

/**
 * Makes an env var of a field of a spec: the container gets just that text, or what a number or boolean is as JSON.
 *
 * @param value an empty text, or undefined, where nothing is asked for
 * @returns none then: what is empty stands in no environment. The API server drops an empty value; sent again at every
 * sync, it would be an update at every sync
 */
export function textEnvVar (name: string, value: string | number | boolean | undefined): EnvVar[] {
  return value === undefined || value === '' ? [] : [{ name, value: escapeReferences(String(value)) }]
}

/**
 * Makes an env var of one that is stored already, to be left as it is.
 *
 * @param value as it is stored; undefined where there is none
 */
export function storedEnvVar (name: string, value: string | undefined): EnvVar {
  return { name, ...(value !== undefined && { value: value as EnvValue }) }
}
