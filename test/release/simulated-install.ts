import { parseAllDocuments } from 'yaml'
import { findCondition } from '../../src/kubernetes/conditions.js'
import { arrayAt, stringAt, valueAt } from '../../src/kubernetes/object.js'
import * as names from '../../src/samplesource/names.js'
import { Cluster } from '../harness/cluster.js'
import type { Manifest } from '../harness/api-server.js'
import { requiredSpec } from '../samplesource/source.js'

/** The parts of a release in its install.yaml. */
export interface Installed {
  objects: number
  /** The images of the hook and the receive adapters. */
  images: Array<string | undefined>
  /** The condition Ready of a source that is created afterwards; undefined if it has none. */
  ready: string | undefined
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
  const hook = manifests.find(({ kind }) => kind === 'Deployment')
  const [container] = arrayAt(hook, 'spec', 'template', 'spec', 'containers')
  const adapterImage = arrayAt(container, 'env').find(variable => valueAt(variable, 'name') === 'RECEIVE_ADAPTER_IMAGE')
  return {
    objects: manifests.length,
    images: [stringAt(container, 'image'), stringAt(adapterImage, 'value')],
    ready: findCondition(valueAt(cluster.parent(metadata.name, metadata.namespace), 'status'), 'Ready')?.status
  }
}
