import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { parse, parseAllDocuments, stringify } from 'yaml'
import * as names from '../../src/samplesource/names.js'
import type { KubeObject } from './kube-object.js'
import type { Kubectl } from './kubectl.js'

/** The folder that is proved. */
export const manifests = resolve('manifests')

/** The namespace that is written in it. */
export const installedNamespace = names.systemNamespace

/** The components, as the folder has them. */
export async function componentNames (): Promise<string[]> {
  return await readdir(join(manifests, 'components'))
}

export interface Build {
  /** Names of components, in the order in which they are listed. */
  components: string[]
  /** Image of the hook and of the receive adapters. */
  image: string
}

/**
 * Builds the manifests by `kubectl kustomize`, with components and an image, as an overlay of one's own has them.
 *
 * @param folder to write the overlay to
 * @returns the objects, in the order in which they are applied
 */
export async function build (kubectl: Kubectl, folder: string, wanted: Build): Promise<KubeObject[]> {
  const overlay = await mkdtemp(join(folder, 'overlay-'))
  const top = parse(await readFile(join(manifests, 'kustomization.yaml'), 'utf8')) as object
  await writeFile(join(overlay, 'kustomization.yaml'), stringify(makeOverlay(top, relative(overlay, manifests), wanted)))
  return readObjects(await kubectl.run(['kustomize', overlay]))
}

/**
 * The kustomization of an overlay: the top one, with other components and another image, in a folder elsewhere. It keeps
 * the `replacements`, which give the adapters the hook's image.
 *
 * @param top manifests/kustomization.yaml
 * @param path from the overlay's folder to `manifests/`: kustomize takes no absolute one
 */
export function makeOverlay (top: object, path: string, { components, image }: Build): object {
  return {
    ...top,
    resources: [join(path, 'base')],
    components: components.map(component => join(path, 'components', component)),
    images: [{ name: names.packageName, ...splitImage(image) }]
  }
}

/** An image as kustomize names it. */
function splitImage (image: string): { newName: string, newTag?: string, digest?: string } {
  const [name = '', digest] = image.split('@')
  if (digest !== undefined) return { newName: name, digest }
  const [, newName = image, newTag] = /^(.*):([^:/]+)$/.exec(image) ?? []
  return { newName, newTag: newTag ?? 'latest' }
}

/** The objects of a YAML text. */
export function readObjects (yaml: string): KubeObject[] {
  return parseAllDocuments(yaml).map(document => document.toJS() as KubeObject | null).filter(object => object !== null)
}

/** The objects of a file under `manifests/`. */
export async function readManifest (path: string): Promise<KubeObject[]> {
  return readObjects(await readFile(join(manifests, path), 'utf8'))
}

/** The same objects, installed in another namespace: wherever its name is, in names of hosts too. */
export function relocate (objects: KubeObject[], namespace: string): KubeObject[] {
  return JSON.parse(JSON.stringify(objects).replaceAll(installedNamespace, namespace)) as KubeObject[]
}
