import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whose end is a folder's: a test. */
interface Scope {
  teardown: (end: () => void) => void
}

/** The folder that all of this process are in. */
let root: string | undefined

/**
 * Makes a folder outside of this repository that is there until a test ends. Nothing of it stays when this process is
 * killed, either.
 *
 * @param purpose the name begins with it
 * @returns its path
 */
export function makeFolder (t: Scope, purpose: string): string {
  const folder = mkdtempSync(join(root ??= makeRoot(), `${purpose}-`))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Makes a folder that a process in a session of its own removes once this one has ended, for its standard input ends then. */
function makeRoot (): string {
  const folder = mkdtempSync(join(tmpdir(), 'test-'))
  const remover = spawn('/bin/sh', ['-c', 'cat; rm -rf "$1"', 'sh', folder], { env: { PATH: '/usr/bin:/bin' }, detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  // Neither of them keeps this process.
  remover.unref()
  if (remover.stdin instanceof Socket) remover.stdin.unref()
  return folder
}
