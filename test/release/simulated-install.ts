import { parseAllDocuments } from 'yaml'
import * as names from '../../src/samplesource/names.js'
import { Cluster } from '../harness/cluster.js'
import type { Manifest } from '../harness/api-server.js'
import { requiredSpec } from '../samplesource/source.js'

/** The parts of a release in its install.yaml. */
export interface Installed {
  objects: number
  /** The images of the hook and the receive adapters. */
  images: string[]
  /** The condition Ready of a source that is created afterwards. */
  ready: string
}

/**
 * Applies an install.yaml to the simulated cluster, and then a source.
 *
 * @param hookUrl the hook to use instead of the one in install.yaml, because a simulated cluster runs no pods
 */
export async function installSimulated (yaml: string, hookUrl: string): Promise<Installed> {
  const manifests = parseAllDocuments(yaml).map(document => document.toJS() as Manifest)
  const ours = ['CustomResourceDefinition', 'CompositeController']
  const cluster = new Cluster({ hookUrl, manifests: manifests.filter(({ kind }) => ours.includes(kind)) })
  for (const manifest of manifests) if (!ours.includes(manifest.kind)) cluster.apply(manifest)
  cluster.apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'event-display', namespace: 'demo' } })
  const metadata = { name: 'heartbeat', namespace: 'demo' }
  cluster.apply({ apiVersion: names.apiVersion, kind: names.kind, metadata, spec: requiredSpec })
  await cluster.settle()
  const stored = cluster.parent(metadata.name, metadata.namespace) as any
  const { image, env } = (manifests.find(({ kind }) => kind === 'Deployment') as any).spec.template.spec.containers[0]
  return {
    objects: manifests.length,
    images: [image, env.find(({ name }: { name: string }) => name === 'RECEIVE_ADAPTER_IMAGE').value],
    ready: stored?.status?.conditions?.find(({ type }: { type: string }) => type === 'Ready')?.status ?? 'not there'
  }
}
