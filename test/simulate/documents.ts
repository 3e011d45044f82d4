import { basename } from 'node:path'
import { readFiles, type Places } from '../../src/cli/files.js'
import { itemsOf, type Located } from '../../src/cli/located.js'
import { isObject, stringAt } from '../../src/kubernetes/object.js'
import type { Manifest } from '../harness/api-server.js'
import { UsageError } from './usage-error.js'

/** An object, and the file it is in. */
export interface WrittenObject {
  file: string
  object: Manifest
}

/**
 * Reads the objects of a file, a directory or standard input, as the render command does. Lists are split into their items.
 * Kustomizations are left out: a cluster does not know them.
 *
 * @param name as given on the command line; `-` is standard input
 * @throws UsageError with the name of the file
 */
export async function readObjects (name: string, places: Places): Promise<WrittenObject[]> {
  return (await read(name, places)).flatMap(itemsOf).filter(document => !isKustomization(document)).map(manifestOf)
}

/**
 * Whether a document is for kustomize. In a file with one of its names, it needs neither apiVersion nor kind.
 * https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
 */
function isKustomization ({ file, value }: Located): boolean {
  const apiVersion = stringAt(value, 'apiVersion')
  if (apiVersion !== undefined) return apiVersion.startsWith('kustomize.config.k8s.io/')
  const kind = stringAt(value, 'kind')
  return kind === 'Kustomization' || (/^(kustomization\.ya?ml|Kustomization)$/.test(basename(file)) && isObject(value) && (kind === undefined || kind === 'Component'))
}

async function read (name: string, places: Places): Promise<Located[]> {
  try {
    return await readFiles([name], places)
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function manifestOf ({ file, value }: Located): WrittenObject {
  const kind = stringAt(value, 'kind')
  if (!isObject(value) || stringAt(value, 'apiVersion') === undefined || kind === undefined) throw new UsageError(`${file}: not an object of Kubernetes: apiVersion and kind are required`)
  if (stringAt(value, 'metadata', 'name') === undefined) throw new UsageError(`${file}: ${kind}: metadata.name is required`)
  const object = value as unknown as Manifest
  // An empty namespace is none.
  const { namespace, ...metadata } = object.metadata
  return { file, object: namespace === '' ? { ...object, metadata } : object }
}
