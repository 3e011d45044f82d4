import * as names from '../../src/samplesource/names.js'
import type { Call } from './components/strangers.js'
import type { KubeObject } from './kube-object.js'
import type { SecretData } from './pod.js'

/** Where the hook runs: on this machine, or in the cluster. */
export interface Hook {
  /**
   * Installs the hook and its CompositeController as manifests say, in place of what was installed before.
   *
   * @param objects the manifests as built
   * @param secrets what the Secrets hold that they name, and that nobody else makes
   */
  install (objects: KubeObject[], secrets?: Record<string, SecretData>): Promise<void>
  /** How many requests for a sync it has answered, since it was installed; with one status code, or with any. */
  syncs (code?: number): Promise<number>
  /** How it answers one who calls it within its pod: the status, or `none`; only where it has a pod. */
  callInside?: (call: Call) => Promise<number | 'none'>
  /** What it has logged last, for a person. */
  lastLogs (): Promise<string>
}

/** Reads the count of syncs from the hook's metrics: those with one status code, or all. */
export function countSyncs (metrics: string, code?: number): number {
  return [...metrics.matchAll(new RegExp(`^${names.metricsPrefix}_hook_requests_total\\{([^}]*)\\} (\\d+)`, 'gm'))]
    .filter(([, labels = '']) => labels.includes('hook="sync"') && (code === undefined || labels.includes(`code="${code}"`)))
    .reduce((sum, [, , count]) => sum + Number(count), 0)
}
