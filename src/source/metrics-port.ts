import type { ContainerPort } from 'kubernetes-types/core/v1.js'
import { unescapeReferences, type EnvVar } from '../kubernetes/env-vars.js'
import { readObservabilityConfig } from '../knative/observability-config.js'

/** The receive adapter in the hook's own image, as its entrypoint is told of it. */
export const ownAdapter = 'dist/adapter/main.js'

/**
 * The port at which Prometheus finds the metrics of a receive adapter, by its name: a PodMonitor asks for that. It is known of
 * our own adapter only. One that somebody has given a `METRICS_PORT` of its own is not found.
 *
 * @param args of the container's entrypoint
 * @param env of the container
 * @returns none where the adapter is another one, or Prometheus is not to ask it
 */
export function metricsPorts (args: string[], env: EnvVar[]): ContainerPort[] {
  if (!args.includes(ownAdapter)) return []
  const { metrics } = readObservabilityConfig(unescapeReferences(env.find(({ name }) => name === 'K_OBSERVABILITY_CONFIG')?.value ?? ''))
  return metrics.protocol === 'prometheus' && metrics.port > 0 ? [{ name: 'metrics', containerPort: metrics.port, protocol: 'TCP' }] : []
}
