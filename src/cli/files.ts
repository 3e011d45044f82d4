import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { escapeInvisible } from '../kubernetes/field-error.js'
import { readYaml } from '../kubernetes/read-yaml.js'
import { wordsOf } from '../process/system-error.js'
import type { Located } from './located.js'

/** More than the objects of any cluster; endless input is noticed. */
const maxMebibytes = 64

/** Where to read files from. */
export interface Places {
  stdin: Readable
  /** Directory of relative paths; the working directory by default. */
  cwd?: string
}

/**
 * Reads files as `kubectl apply --filename` does.
 *
 * @param paths of files, of directories, whose .yaml, .yml and .json files are read, or `-` for standard input
 * @returns the documents in order; none for an empty file
 * @throws Error of one line that begins with the file, if one cannot be read
 */
export async function readFiles (paths: string[], { stdin, cwd = '' }: Places): Promise<Located[]> {
  const files: Located[][] = []
  for (const path of paths) {
    if (path === '-') files.push(await readFile(nameOf(path), stdin))
    else for (const file of await filesAt(path, cwd)) files.push(await readFile(nameOf(file), createReadStream(resolve(cwd, file))))
  }
  return files.flat()
}

/** The files of a directory, sorted by name, without those of its subdirectories. */
async function filesAt (path: string, cwd: string): Promise<string[]> {
  return await told(nameOf(path), async () => {
    // An empty path is invalid; it does not mean the working directory.
    const absolute = path === '' ? path : resolve(cwd, path)
    if (!(await stat(absolute)).isDirectory()) return [path]
    const entries = await readdir(absolute, { withFileTypes: true })
    const files = entries.filter(entry => !entry.isDirectory() && /\.(?:ya?ml|json)$/.test(entry.name)).map(({ name }) => join(path, name)).sort()
    if (files.length === 0) throw new Error('no file in it ends in .yaml, .yml or .json')
    return files
  })
}

async function readFile (file: string, stream: Readable): Promise<Located[]> {
  return await told(file, async () => readYaml(textOf(await contentOf(stream))).map(value => ({ file, value })))
}

async function contentOf (stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > maxMebibytes * 2 ** 20) throw new Error(`longer than ${maxMebibytes} MiB`)
    chunks.push(bytes)
  }
  return Buffer.concat(chunks)
}

/** As for kubectl, a byte order mark distinguishes UTF-16, which some tools on Windows write, from UTF-8. */
function textOf (content: Buffer): string {
  const mark = content.subarray(0, 2).toString('hex')
  const text = decode(content, mark === 'fffe' ? 'utf-16le' : mark === 'feff' ? 'utf-16be' : 'utf-8')
  // Control characters that neither YAML nor JSON allows.
  if (text === undefined || /[^\P{Control}\t\n\r\x7f-\x9f]/u.test(text)) throw new Error('neither YAML nor JSON, but binary')
  return text
}

function decode (content: Buffer, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(content)
  } catch {
    return undefined
  }
}

/** Does something with a file; errors name the file and say what the system reported. */
async function told<Result> (file: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act()
  } catch (error) {
    throw new Error(`${file}: ${wordsOf(error as Error)}`)
  }
}

/** The name of a path on one line. */
export function nameOf (path: string): string {
  if (path === '-') return 'standard input'
  return path === '' || escapeInvisible(path) !== path ? escapeInvisible(JSON.stringify(path)) : path
}
