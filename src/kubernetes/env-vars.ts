import type { EnvVar } from 'kubernetes-types/core/v1.js'

/**
 * Writes a value for an env var so that the container gets just that: the kubelet takes `$(NAME)` for the value of
 * another variable, and `$$` for a dollar sign.
 * https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
function escapeReferences (value: string): string {
  return value.replaceAll('$', '$$$$')
}

/**
 * Makes an env var of a text that somebody else has written, such as a field of a spec: the container gets just that text.
 *
 * @param value empty, or undefined, where nothing is asked for
 * @returns none then: what is empty stands in no environment
 */
export function textEnvVar (name: string, value: string | undefined): EnvVar[] {
  return value ? [{ name, value: escapeReferences(value) }] : []
}

/** Leaves an empty value out. The API server drops it; sent again at every sync, it would be an update at every sync. */
export function withoutEmptyValue ({ value, ...env }: EnvVar): EnvVar {
  return { ...env, ...(value && { value }) }
}
