import { isObject, stringAt, valueAt, type JsonObject } from '../../src/kubernetes/object.js'
import type { Places } from '../../src/cli/files.js'
import * as names from '../../src/samplesource/names.js'
import type { Manifest } from '../harness/api-server.js'
import { resourceOf } from '../harness/crd.js'
import type { CompositeController } from '../harness/metacontroller.js'
import { readObjects } from './documents.js'
import type { Options } from './options.js'
import type { Stage } from './simulate.js'
import { UsageError } from './usage-error.js'

/** What the cluster has before anything is applied. */
export interface Definitions {
  controller: CompositeController
  crds: Manifest[]
}

const ourManifests = 'manifests/base'

/**
 * Reads the CompositeController and the CustomResourceDefinitions. The defaults are those of this project.
 *
 * @param applied all stages; CustomResourceDefinitions among their objects are used too
 * @throws UsageError
 */
export async function readDefinitions ({ controller: file, crds: files }: Pick<Options, 'controller' | 'crds'>, applied: Stage[], surroundings: Places): Promise<Definitions> {
  const ours = await readObjects(ourManifests, { ...surroundings, cwd: process.cwd() })
  const name = file ?? ourManifests
  const objects = file === undefined ? ours : await readObjects(file, surroundings)
  const [controller, ...others] = objects.filter(({ kind }) => kind === 'CompositeController')
  if (controller === undefined || others.length > 0) throw new UsageError(`${name}: expected one CompositeController, found ${controller === undefined ? 'none' : others.length + 1}`)
  const crds = new Map<string, Manifest>()
  for (const [source, found] of [[ourManifests, ours], ...applied.map(({ name, objects }) => [name, objects] as const), [name, objects], ...await Promise.all(files.map(async file => [file, await readObjects(file, surroundings)] as const))] as const) {
    for (const crd of found.filter(isDefinition)) {
      try {
        resourceOf(crd as unknown as JsonObject)
      } catch (error) {
        throw new UsageError(`${source}: CustomResourceDefinition ${crd.metadata.name}: ${(error as Error).message}`)
      }
      crds.set(crd.metadata.name, crd)
    }
  }
  checkController(name, controller)
  return { controller: controller as CompositeController, crds: [...crds.values()] }
}

/** Whether an object is a CustomResourceDefinition. */
export const isDefinition = ({ kind }: Manifest) => kind === 'CustomResourceDefinition'

/** Whether a CompositeController is for the sources of this project, whose hook can answer it. */
export function isOurs ({ spec: { parentResource } }: CompositeController): boolean {
  return parentResource.apiVersion === names.apiVersion && parentResource.resource === names.plural
}

/** https://metacontroller.github.io/metacontroller/api/compositecontroller.html#child-update-methods */
const methods = ['', 'OnDelete', 'Recreate', 'InPlace', 'RollingRecreate', 'RollingInPlace']

function checkController (name: string, { metadata, spec }: Manifest): void {
  const fail = (problem: string): never => { throw new UsageError(`${name}: CompositeController ${metadata.name}: ${problem}`) }
  if (!isObject(spec)) return fail('spec is required')
  const resources = [['spec.parentResource', spec['parentResource']], ...(Array.isArray(spec['childResources']) ? spec['childResources'] : []).map((rule, index) => [`spec.childResources[${index}]`, rule] as const)] as const
  for (const [path, rule] of resources) {
    for (const field of ['apiVersion', 'resource']) if (stringAt(rule, field) === undefined) fail(`${path}.${field} is required`)
    const method = valueAt(rule, 'updateStrategy', 'method') ?? ''
    if (!methods.includes(method as string)) fail(`${path}.updateStrategy.method must be one of ${methods.slice(1).join(', ')}, got ${JSON.stringify(method)}`)
  }
  const period = spec['resyncPeriodSeconds'] ?? 0
  if (!Number.isInteger(period)) fail(`spec.resyncPeriodSeconds must be an integer, got ${JSON.stringify(period)}`)
  const hooks = spec['hooks']
  if (!isObject(hooks) || !isObject(hooks['sync'])) return fail('spec.hooks.sync is required')
  for (const [type, hook] of Object.entries(hooks)) {
    if (hook === null) continue
    if (!isObject(hook) || !isObject(hook['webhook'])) return fail(`spec.hooks.${type}.webhook is required`)
    if (![undefined, 'v1', 'v2'].includes(hook['version'] as string)) fail(`spec.hooks.${type}.version must be v1 or v2, got ${JSON.stringify(hook['version'])}`)
    const { url, path } = hook['webhook']
    if (url === undefined && typeof path !== 'string') fail(`spec.hooks.${type}.webhook: url is required, or service and path`)
    if (url !== undefined && !(typeof url === 'string' && URL.canParse(url))) fail(`spec.hooks.${type}.webhook.url must be a URL, got ${JSON.stringify(url)}`)
  }
}
