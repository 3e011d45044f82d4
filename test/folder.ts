import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A test, whose end removes the folder. */
interface Scope {
  teardown: (end: () => void) => void
}

/** The folder that contains all folders of this process. */
let root: string | undefined

/**
 * Makes a folder outside of this repository that exists until a test ends. It is also removed when this process is
 * killed.
 *
 * @param purpose the name begins with it
 * @returns its path
 */
export function makeFolder (t: Scope, purpose: string): string {
  const folder = mkdtempSync(join(root ??= makeRoot(), `${purpose}-`))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Makes a folder that a process in another session removes when this process ends, which closes its standard input. */
function makeRoot (): string {
  const folder = mkdtempSync(join(tmpdir(), 'test-'))
  const remover = spawn('/bin/sh', ['-c', 'cat; rm -rf "$1"', 'sh', folder], { env: { PATH: '/usr/bin:/bin' }, detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  // Neither of them keeps this process.
  remover.unref()
  if (remover.stdin instanceof Socket) remover.stdin.unref()
  return folder
}
