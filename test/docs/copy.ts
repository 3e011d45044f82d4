import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'
import { makeFolder } from '../folder.js'

/**
 * Copies what this repository is made from to a folder of its own, for an example to change it.
 *
 * @param t whose end is the folder's
 * @returns the folder
 */
export function copyRepository (t: Pick<Test, 'teardown'>): string {
  const folder = makeFolder(t, 'docs')
  for (const name of ['src', 'test', 'docs', 'manifests', 'package.json', 'tsconfig.json', 'README.md', 'CONTRIBUTING.md', '.env.dev']) cpSync(name, join(folder, name), { recursive: true })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  return folder
}

/** Compiles what is in a folder: `build/`. At once, for without a test under way `t` comes to its end. */
export function compile (folder: string): void {
  execFileSync('npm', ['run', '--silent', 'compile'], { cwd: folder, env: bare })
}

/** Without what counts coverage. */
const bare = { ...process.env, NODE_OPTIONS: '' }

/** What a command has come to: its exit code, and what it has printed. */
export interface Result {
  code: number | null
  output: string
}

/** Runs a command in a folder. */
export async function run (folder: string, command: string, args: string[], input = ''): Promise<Result> {
  const child = spawn(command, args, { cwd: folder, env: bare })
  // One that does not read it ends all the same.
  child.stdin.on('error', () => {}).end(input)
  const [[code], ...output] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)])
  return { code, output: output.join('') }
}
