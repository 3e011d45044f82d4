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

/**
 * Removes a folder once standard input is closed. If it is not empty, this process was killed: what it has started in the
 * folder would write there again, so it is ended first.
 */
const remover = `cat
rmdir "$1" && exit
for pass in 1 2 3 4 5 6 7 8 9; do
  found=
  for link in /proc/[0-9]*/cwd; do
    case $(readlink "$link") in "$1"/*) pid=\${link%/cwd}; kill -KILL "\${pid#/proc/}"; found=yes;; esac
  done
  rm -rf "$1"
  [ "$found" ] || exit
done`

/** Makes a folder that a process in another session removes when this process ends, which closes its standard input. */
function makeRoot (): string {
  const folder = mkdtempSync(join(tmpdir(), 'test-'))
  const child = spawn('/bin/sh', ['-c', remover, 'sh', folder], { env: { PATH: '/usr/bin:/bin' }, detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  // Neither of them keeps this process.
  child.unref()
  if (child.stdin instanceof Socket) child.stdin.unref()
  return folder
}
