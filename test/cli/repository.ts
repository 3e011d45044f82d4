import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { makeFolder } from '../folder.js'

const root = process.cwd()

const author = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@b', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@b' }

/** Runs git in a folder. @returns its output */
export function git (folder: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd: folder, encoding: 'utf8', env: { ...process.env, ...author } }).trim()
}

/** A clone of this repository with its tools, on the branch main. Uncommitted changes are committed in the clone. */
export function cloneUs (t: Test): string {
  const parent = makeFolder(t, 'ours')
  const folder = join(parent, 'ours')
  git(parent, 'clone', '--quiet', '--no-hardlinks', '--no-checkout', root, folder)
  git(folder, 'checkout', '--quiet', '-B', 'main', 'HEAD')
  const changed = git(root, 'ls-files', '-z', '--modified', '--others', '--exclude-standard').split('\0').filter(path => path !== '')
  for (const path of changed) {
    if (existsSync(join(root, path))) cpSync(join(root, path), join(folder, path))
    else rmSync(join(folder, path))
  }
  git(folder, 'add', '--all')
  if (git(folder, 'status', '--porcelain') !== '') git(folder, 'commit', '--quiet', '--message', 'Go on')
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return folder
}
