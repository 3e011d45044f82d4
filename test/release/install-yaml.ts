import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { parse, stringify } from 'yaml'
import { makeOverlay } from '../e2e/manifests.js'
import { buildText, manifests } from '../manifests/harness/kustomize.js'

/**
 * Builds the install.yaml of a release: the output of kustomize for manifests/, with the image by its digest.
 *
 * @param image `registry/name@sha256:…`
 * @throws Error if kustomize fails
 */
export async function makeInstallYaml (image: string): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'release-')))
  try {
    const top = parse(await readFile(join(manifests, 'kustomization.yaml'), 'utf8')) as object
    await writeFile(join(folder, 'kustomization.yaml'), stringify(makeOverlay(top, relative(folder, manifests), { components: [], image })))
    return await buildText(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
