import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'

/**
 * Copies what this repository is made from to a folder of its own, for an example to change it.
 *
 * @param t whose end is the folder's
 * @returns the folder
 */
export function copyRepository (t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'docs-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  for (const name of ['src', 'test', 'docs', 'manifests', 'package.json', 'tsconfig.json', 'README.md']) cpSync(name, join(folder, name), { recursive: true })
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
  return folder
}

/** Compiles what is in a folder: `build/`. At once, for without a test under way `t` comes to its end. */
export function compile (folder: string): void {
  execFileSync('npm', ['run', '--silent', 'compile'], { cwd: folder, env: bare })
}

/** Without what counts coverage. */
const bare = { ...process.env, NODE_OPTIONS: '' }

/** Whether this is a source that `npm run new-source` has made: its author may have changed what an example changes. */
export const isMade = existsSync('NOTICE')

/** Runs a command in a folder. @returns its exit code, and what it has printed */
export async function run (folder: string, command: string, args: string[], input = ''): Promise<{ code: number | null, output: string }> {
  const child = spawn(command, args, { cwd: folder, env: bare })
  // One that does not read it ends all the same.
  child.stdin.on('error', () => {}).end(input)
  const [[code], ...output] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)])
  return { code, output: output.join('') }
}
