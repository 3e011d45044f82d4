import * as names from '../../src/samplesource/names.js'
import { Unexpected } from './expect.js'
import { condition, type KubeObject, type Reference } from './kube-object.js'
import type { Run } from './run.js'
import { sampleSources, sinkBindings } from './sources.js'

/** The children of a source, as far as they exist. */
export interface Children {
  deployment: KubeObject | undefined
  sinkBinding: KubeObject | undefined
}

/** The source with a name. @throws Unexpected if it does not exist */
export async function getSource ({ kubectl, namespace }: Run, name: string): Promise<KubeObject> {
  const source = await kubectl.get({ resource: sampleSources, name, namespace })
  if (source === undefined) throw new Unexpected(`the ${names.kind} ${name}`, 'nothing')
  return source
}

/** Changes the spec of a source by a JSON merge patch, as a person. */
export async function patchSource ({ kubectl, namespace }: Run, name: string, spec: object): Promise<void> {
  await kubectl.patch({ resource: sampleSources, name, namespace }, { spec }, { manager: 'kubectl-edit' })
}

/** The children that a source owns. @throws Unexpected if there are two of a kind */
export async function lookForChildren ({ kubectl, namespace }: Run, { metadata: { uid } }: KubeObject): Promise<Children> {
  const owned = (await kubectl.list(`deployments.apps,${sinkBindings}`, '--namespace', namespace))
    .filter(({ metadata: { ownerReferences = [] } }) => ownerReferences.some(owner => owner.uid === uid))
  const one = (kind: string) => {
    const [child, ...others] = owned.filter(child => child.kind === kind)
    if (others.length > 0) throw new Unexpected(`one ${kind}`, [child, ...others].map(child => child?.metadata.name))
    return child
  }
  return { deployment: one('Deployment'), sinkBinding: one('SinkBinding') }
}

/** Both children. @throws Unexpected if one does not exist or is being deleted */
export async function getChildren (run: Run, source: KubeObject): Promise<{ deployment: KubeObject, sinkBinding: KubeObject }> {
  const { deployment, sinkBinding } = await lookForChildren(run, source)
  if (deployment === undefined || sinkBinding === undefined || isLeaving(deployment) || isLeaving(sinkBinding)) {
    throw new Unexpected('a Deployment and a SinkBinding of the source', { deployment: name(deployment), sinkBinding: name(sinkBinding) })
  }
  return { deployment, sinkBinding }
}

function isLeaving ({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined
}

function name (child: KubeObject | undefined): string {
  return child === undefined ? 'none' : `${child.metadata.name}${isLeaving(child) ? ', being deleted' : ''}`
}

/** The conditions of a source by type: `{ Ready: 'True', … }`. */
export function conditionsOf (source: KubeObject): Record<string, string | undefined> {
  const types = ['SpecValid', 'SinkProvided', 'SinkBindingReady', 'Deployed', 'Ready']
  return Object.fromEntries(types.map(type => [type, condition(source, type)]))
}

/** The resourceVersions of a source and its children, which change with every write. */
export async function versionsOf (run: Run, name: string): Promise<Record<string, string | undefined>> {
  const source = await getSource(run, name)
  const { deployment, sinkBinding } = await getChildren(run, source)
  return {
    source: source.metadata.resourceVersion,
    deployment: deployment.metadata.resourceVersion,
    sinkBinding: sinkBinding.metadata.resourceVersion
  }
}

/** Which child it is. */
export function referenceTo ({ kind, metadata: { name, namespace = '' } }: KubeObject): Reference {
  return { resource: kind === 'Deployment' ? 'deployments.apps' : sinkBindings, name, namespace }
}
