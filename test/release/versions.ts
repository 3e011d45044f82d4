import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { packageName } from '../../src/samplesource/names.js'

/** A place with the version. */
export interface Place { where: string, version: string | undefined }

/** All places with the version; the first is package.json. */
export function readVersions (): Place[] {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { version: string, packages: Record<string, { version: string }> }
  const { images, labels } = parse(readFileSync('manifests/kustomization.yaml', 'utf8')) as { images: Array<{ newTag: string }>, labels: Array<{ pairs: Record<string, string> }> }
  const inReadme = [...readFileSync('README.md', 'utf8').matchAll(new RegExp(`/${packageName}:(\\d+\\.\\d+\\.\\d+)`, 'g'))].map(([, version]) => version)
  return [
    { where: 'package.json', version: manifest.version },
    { where: 'package-lock.json', version: lock.version },
    { where: 'package-lock.json, packages', version: lock.packages['']?.version },
    { where: 'manifests/kustomization.yaml, newTag', version: images[0]?.newTag },
    { where: 'manifests/kustomization.yaml, app.kubernetes.io/version', version: labels[0]?.pairs['app.kubernetes.io/version'] },
    ...inReadme.map(version => ({ where: 'README.md', version }))
  ]
}

/** The places with another version than the first. @returns a line for each */
export function disagreements ([first, ...others]: Place[]): string[] {
  return others.filter(({ version }) => version !== first?.version).map(({ where, version }) => `${where} has the version ${version}, ${first?.where} has ${first?.version}`)
}
