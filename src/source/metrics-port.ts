import type { ContainerPort } from 'kubernetes-types/core/v1.js'
import { unescapeReferences, type EnvVar } from '../kubernetes/env-vars.js'
import { readObservabilityConfig } from '../knative/observability-config.js'

/** The arguments that start the receive adapter in the hook's own image. */
export const ownAdapter = 'dist/adapter/main.js'

/**
 * The metrics port of a receive adapter, by the name that a PodMonitor asks for. It is known only for our own adapter,
 * and only if nobody overrides it with `METRICS_PORT`.
 *
 * @param args of the container's entrypoint
 * @param env of the container
 * @returns none for another adapter, or if Prometheus is not used
 */
export function metricsPorts (args: string[], env: EnvVar[]): ContainerPort[] {
  if (!args.includes(ownAdapter)) return []
  const { metrics } = readObservabilityConfig(unescapeReferences(env.find(({ name }) => name === 'K_OBSERVABILITY_CONFIG')?.value ?? ''))
  return metrics.protocol === 'prometheus' && metrics.port > 0 ? [{ name: 'metrics', containerPort: metrics.port, protocol: 'TCP' }] : []
}
