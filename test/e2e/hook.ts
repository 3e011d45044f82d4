import * as names from '../../src/samplesource/names.js'
import type { Call } from './components/strangers.js'
import type { KubeObject } from './kube-object.js'
import type { SecretData } from './pod.js'

/** Where the hook runs: on this machine, or in the cluster. */
export interface Hook {
  /**
   * Installs the hook and its CompositeController from the manifests, and replaces what was installed before.
   *
   * @param objects the manifests as built
   * @param secrets the data of the Secrets that they refer to and that nothing else creates
   */
  install (objects: KubeObject[], secrets?: Record<string, SecretData>): Promise<void>
  /** How many sync requests it has answered since it was installed, with one status code or with any. */
  syncs (code?: number): Promise<number>
  /** Its answer to a caller in its own pod: the status, or `none`. Only for a hook with a pod. */
  callInside?: (call: Call) => Promise<number | 'none'>
  /** Its last log lines, for a person. */
  lastLogs (): Promise<string>
}

/** Reads the number of syncs from the hook's metrics: those with one status code, or all. */
export function countSyncs (metrics: string, code?: number): number {
  return [...metrics.matchAll(new RegExp(`^${names.metricsPrefix}_hook_requests_total\\{([^}]*)\\} (\\d+)`, 'gm'))]
    .filter(([, labels = '']) => labels.includes('hook="sync"') && (code === undefined || labels.includes(`code="${code}"`)))
    .reduce((sum, [, , count]) => sum + Number(count), 0)
}
