import type { KubeObject } from '../harness/api-server.js'

/** The condition `Ready` of an object, in whatever form its hook has written it; undefined if there is none. */
export function readyOf ({ status }: KubeObject): { status: string, reason?: string, message?: string } | undefined {
  return Array.isArray(status?.conditions) ? status.conditions.find((condition: { type?: string } | null) => condition?.type === 'Ready') : undefined
}
