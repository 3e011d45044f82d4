import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { parse, parseAllDocuments, stringify } from 'yaml'
import * as names from '../../src/samplesource/names.js'
import type { KubeObject } from './kube-object.js'
import type { Kubectl } from './kubectl.js'

/** The folder under test. */
export const manifests = resolve('manifests')

/** The namespace in these manifests. */
export const installedNamespace = names.systemNamespace

/** The components in the folder. */
export async function componentNames (): Promise<string[]> {
  return await readdir(join(manifests, 'components'))
}

export interface Build {
  /** Names of components, in the order of the kustomization. */
  components: string[]
  /** Image of the hook and the receive adapters. */
  image: string
}

/**
 * Builds the manifests with `kubectl kustomize`, with components and an image, as a user's overlay does.
 *
 * @param folder where to write the overlay
 * @returns the objects, in the order in which they are applied
 */
export async function build (kubectl: Kubectl, folder: string, wanted: Build): Promise<KubeObject[]> {
  const overlay = await mkdtemp(join(folder, 'overlay-'))
  const top = parse(await readFile(join(manifests, 'kustomization.yaml'), 'utf8')) as object
  await writeFile(join(overlay, 'kustomization.yaml'), stringify(makeOverlay(top, relative(overlay, manifests), wanted)))
  return readObjects(await kubectl.run(['kustomize', overlay]))
}

/**
 * The kustomization of an overlay: the top one with other components and another image, in another folder. It keeps
 * the `replacements`, which give the adapters the hook's image.
 *
 * @param top manifests/kustomization.yaml
 * @param path from the overlay's folder to `manifests/`; kustomize does not accept absolute paths
 */
export function makeOverlay (top: object, path: string, { components, image }: Build): object {
  return {
    ...top,
    resources: [join(path, 'base')],
    components: components.map(component => join(path, 'components', component)),
    images: [{ name: names.packageName, ...splitImage(image) }]
  }
}

/** An image in the form of kustomize. */
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

/** The same objects in another namespace. Its name is replaced everywhere, also in host names. */
export function relocate (objects: KubeObject[], namespace: string): KubeObject[] {
  return JSON.parse(JSON.stringify(objects).replaceAll(installedNamespace, namespace)) as KubeObject[]
}
