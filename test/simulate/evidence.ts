import type { KubeObject, Manifest } from '../harness/api-server.js'
import { manager as metacontroller } from '../harness/child-manager.js'
import type { Cluster, Step } from '../harness/cluster.js'
import type { Definitions } from './definitions.js'
import type { Options } from './options.js'

/** What is known of a simulation once it is over. */
export interface Evidence extends Pick<Definitions, 'controller'>, Pick<Options, 'sinks' | 'judgesReady' | 'applyStrategy'> {
  cluster: Cluster
  steps: Step[]
  /** What was applied, as it was stored then. */
  applied: KubeObject[]
  /** The sinks whose address was looked for, as `Kind/namespace/name`. */
  askedSinks: Set<string>
  atRest: boolean
}

/** The parents that are there now. */
export function parentsOf ({ api, parentKind: { apiVersion, kind } }: Cluster): KubeObject[] {
  return api.list(apiVersion, kind)
}

/** Whether an object is of the kind of the parents. */
export function isParent ({ parentKind }: Cluster, { apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>): boolean {
  return apiVersion === parentKind.apiVersion && kind === parentKind.kind
}

/** Whether a step is a write of Metacontroller. */
export const isByMetacontroller = (step: Step): step is Extract<Step, { type: 'write' }> => step.type === 'write' && step.write.manager === metacontroller
