import type { Places } from '../../src/cli/files.js'
import * as names from '../../src/samplesource/names.js'
import type { Manifest } from '../harness/api-server.js'
import type { CompositeController } from '../harness/metacontroller.js'
import { readController } from './composite-controller.js'
import { checkDefinition } from './custom-resource-definition.js'
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
  const [controller, ...others] = objects.map(({ object }) => object).filter(({ kind }) => kind === 'CompositeController')
  if (controller === undefined || others.length > 0) throw new UsageError(`${name}: expected one CompositeController, found ${controller === undefined ? 'none' : others.length + 1}`)
  const given = await Promise.all(files.map(async file => await readObjects(file, surroundings)))
  const crds = new Map<string, Manifest>()
  for (const { file, object: crd } of [...ours, ...applied.flatMap(({ objects }) => objects), ...objects, ...given.flat()].filter(({ object }) => isDefinition(object))) {
    try {
      checkDefinition(crd)
    } catch (error) {
      throw new UsageError(`${file}: CustomResourceDefinition ${crd.metadata.name}: ${(error as Error).message}`)
    }
    crds.set(crd.metadata.name, crd)
  }
  try {
    return { controller: readController(controller), crds: [...crds.values()] }
  } catch (error) {
    throw new UsageError(`${name}: CompositeController ${controller.metadata.name}: ${(error as Error).message}`)
  }
}

/** Whether an object is a CustomResourceDefinition. */
export const isDefinition = ({ kind }: Manifest) => kind === 'CustomResourceDefinition'

/** Whether a CompositeController is for the sources of this project, whose hook can answer it. */
export function isOurs ({ spec: { parentResource } }: CompositeController): boolean {
  return parentResource.apiVersion === names.apiVersion && parentResource.resource === names.plural
}
