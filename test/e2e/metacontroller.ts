import type { KubeObject } from './kube-object.js'

/** How Metacontroller writes children. */
export type ApplyStrategy = 'dynamic-apply' | 'server-side-apply'

/** The Metacontroller that runs in the cluster. */
export interface Metacontroller {
  namespace: string
  version: string
  applyStrategy: ApplyStrategy
  isReady: boolean
}

interface Container { image?: string, command?: string[], args?: string[] }

/**
 * Finds Metacontroller among StatefulSets and Deployments by its image or its command.
 */
export function findMetacontroller (workloads: KubeObject[]): Metacontroller | undefined {
  for (const { metadata: { namespace = '' }, spec, status } of workloads) {
    const containers: Container[] = spec?.template?.spec?.containers ?? []
    const container = containers.find(({ image, command }) => /(^|\/)metacontroller(:|@|$)/.test(image ?? '') || command?.[0]?.endsWith('/metacontroller') === true)
    if (container === undefined) continue
    return {
      namespace,
      version: /:([^:/]+)$/.exec(container.image?.split('@')[0] ?? '')?.[1] ?? 'of an unknown version',
      applyStrategy: strategyOf([...container.command ?? [], ...container.args ?? []]),
      isReady: status?.readyReplicas > 0
    }
  }
  return undefined
}

/** Go's flags take one dash or two, and the value after `=` or as the next argument. */
function strategyOf (args: string[]): ApplyStrategy {
  const text = args.join(' ')
  return /(^| )--?apply-strategy[= ]server-side-apply( |$)/.test(text) ? 'server-side-apply' : 'dynamic-apply'
}

/** How Metacontroller wrote an object; undefined if it did not. */
export function appliedBy ({ metadata: { annotations, managedFields } }: KubeObject): ApplyStrategy | undefined {
  if (annotations?.['metacontroller.k8s.io/last-applied-configuration'] !== undefined) return 'dynamic-apply'
  return managedFields?.some(({ manager, operation }) => manager === 'metacontroller' && operation === 'Apply') === true ? 'server-side-apply' : undefined
}
