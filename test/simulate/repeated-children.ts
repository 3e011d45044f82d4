import { stringAt } from '../../src/kubernetes/object.js'
import type { KubeObject, Manifest } from '../harness/api-server.js'
import type { Step } from '../harness/cluster.js'
import { label } from './finding.js'

/** The label of a child in an answer; without a namespace, it gets that of its parent. */
export function labelOfChild (child: Manifest, { metadata: { namespace } }: KubeObject): string {
  return label({ kind: child.kind, namespace: stringAt(child, 'metadata', 'namespace') ?? namespace, name: stringAt(child, 'metadata', 'name') ?? '' })
}

/**
 * Finds children that are in an answer twice. Metacontroller keeps them by kind and name, so only the last one counts.
 *
 * @returns a line for each
 */
export function repeatedChildren (steps: Step[]): string[] {
  const lines = steps.flatMap(step => {
    if (step.type !== 'sync') return []
    const { parent, response } = step.sync
    const labels = (response?.children ?? []).map(child => labelOfChild(child, parent))
    return labels.filter((name, index) => labels.indexOf(name) < index).map(name => `${name} is in an answer more than once: the last one counts`)
  })
  return [...new Set(lines)]
}
