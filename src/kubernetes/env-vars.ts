import type { EnvVar } from 'kubernetes-types/core/v1.js'

/**
 * Writes a value for an env var so that the container gets just that: the kubelet takes `$(NAME)` for the value of
 * another variable, and `$$` for a dollar sign.
 * https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export function escapeReferences (value: string): string {
  return value.replaceAll('$', '$$$$')
}

/** Leaves an empty value out. The API server drops it; sent again at every sync, it would be an update at every sync. */
export function withoutEmptyValue ({ value, ...env }: EnvVar): EnvVar {
  return { ...env, ...(value && { value }) }
}
