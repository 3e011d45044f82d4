import { readFileSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { LineCounter, parseAllDocuments } from 'yaml'
import { arrayAt, isObject, stringAt } from '../../src/kubernetes/object.js'
import type { Manifest } from '../harness/api-server.js'
import { UsageError } from './usage-error.js'

export interface Surroundings {
  /** What relative names are relative to. */
  cwd: string
  /** All of standard input. */
  stdin: () => Promise<Buffer>
}

/**
 * Reads the objects of a file, of those in a folder by their name, or of standard input. Lists are taken apart, and
 * kustomizations, which are nothing for a cluster, left out.
 *
 * @param name as it was given: `-` is standard input
 * @throws UsageError with the name of the file
 */
export async function readObjects (name: string, { cwd, stdin }: Surroundings): Promise<Manifest[]> {
  if (name === '-') return objectsOf('-', await stdin())
  const path = resolve(cwd, name)
  try {
    if (!statSync(path).isDirectory()) return objectsOf(name, readFileSync(path))
    const files = readdirSync(path).filter(file => /\.(?:ya?ml|json)$/.test(file)).sort()
    if (files.length === 0) throw new UsageError(`${name}: no file in it ends in .yaml, .yml or .json`)
    return files.flatMap(file => objectsOf(join(name, file), readFileSync(join(path, file))))
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${name}: ${reasonOf(error as NodeJS.ErrnoException)}`)
  }
}

function reasonOf ({ code, message }: NodeJS.ErrnoException): string {
  const reasons: Record<string, string> = { ENOENT: 'no such file or folder', EACCES: 'permission denied', EISDIR: 'a folder' }
  return reasons[code ?? ''] ?? message
}

function objectsOf (name: string, content: Buffer): Manifest[] {
  const lines = new LineCounter()
  let values: unknown[]
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content)
    values = [...parseAllDocuments(text, { prettyErrors: false, merge: true, lineCounter: lines })].map(document => {
      const [error] = document.errors
      if (error !== undefined) throw new UsageError(`${name}:${lines.linePos(error.pos[0]).line}: ${error.message}`)
      return document.toJS() as unknown
    })
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${name}: ${(error as { code?: string }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'not a text in UTF-8' : (error as Error).message.split('\n')[0]}`)
  }
  return values.filter(value => value !== null && value !== undefined).flatMap(value => flat(name, value))
}

function flat (name: string, value: unknown): Manifest[] {
  const [apiVersion, kind] = [stringAt(value, 'apiVersion'), stringAt(value, 'kind')]
  if (!isObject(value) || apiVersion === undefined || kind === undefined) throw new UsageError(`${name}: not an object of Kubernetes: apiVersion and kind are required`)
  if (kind.endsWith('List') && Array.isArray(value['items'])) return arrayAt(value, 'items').flatMap(item => flat(name, item))
  if (kind === 'Kustomization') return []
  if (stringAt(value, 'metadata', 'name') === undefined) throw new UsageError(`${name}: ${kind}: metadata.name is required`)
  return [value as unknown as Manifest]
}
