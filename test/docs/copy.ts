import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'
import { makeFolder } from '../folder.js'

/**
 * Copies the sources of this repository to another folder, for an example to change them.
 *
 * @param t the test, which removes the folder at its end
 * @returns the folder
 */
export function copyRepository (t: Pick<Test, 'teardown'>): string {
  const folder = makeFolder(t, 'docs')
  for (const name of ['src', 'test', 'docs', 'manifests', 'package.json', 'tsconfig.json', 'README.md', 'CONTRIBUTING.md', '.env.dev']) cpSync(name, join(folder, name), { recursive: true })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  return folder
}

/** The TypeScript files of a copy that this repository does not have, or has with another text. */
export function changedFiles (folder: string): string[] {
  return ['src', 'test']
    .flatMap(part => readdirSync(join(folder, part), { recursive: true, encoding: 'utf8' }).map(name => join(part, name)))
    .filter(name => /\.m?ts$/.test(name) && !(existsSync(name) && readFileSync(name).equals(readFileSync(join(folder, name)))))
}

/** Compiles a copy to `build/`, as `npm run compile` does: only its changes. @throws Error with what the compiler printed */
export async function compile (folder: string): Promise<void> {
  for (const name of ['src', 'test', 'package.json']) cpSync(join('build', name), join(folder, 'build', name), { recursive: true })
  const { code, output } = await run(folder, 'npm', ['run', '--silent', 'esbuild:files', '--', ...changedFiles(folder)])
  if (code !== 0) throw new Error(output)
}

/** The result of a command: its exit code and its output. */
export interface Result {
  code: number | null
  output: string
}

/** Runs a command in a folder. */
export async function run (folder: string, command: string, args: string[], input = ''): Promise<Result> {
  const child = spawn(command, args, { cwd: folder })
  // A command need not read its input.
  child.stdin.on('error', () => {}).end(input)
  const [[code], ...output] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)])
  return { code, output: output.join('') }
}
