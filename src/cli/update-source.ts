import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { authorOptions, git, makeSource, messageOf, type SourceOptions } from './make-source.js'
import { writeArguments } from './source-names.js'

/** The branch for the author to merge. */
export const branch = 'made'

/**
 * Makes an existing source again from the current state of this one, and puts it on the branch `made` of that source's
 * repository. Its work tree and its other branches are not touched.
 *
 * The commit has two parents: the previously made commit, so that a merge sees what has changed here since then but not
 * the names; and the commit of this repository, with its history.
 *
 * @throws Error if the folder has no such source, or one with other names
 */
export function updateSource (options: SourceOptions): void {
  const { names, to } = options
  const last = git(to, 'log', '--max-count=1', '--format=%H', `--grep=^${messageOf(names)}$`)
  if (last === '') throw new Error(`--update: the history of ${to} has no commit "${messageOf(names)}"`)
  if (!git(to, 'show', `${last}:NOTICE`).split('\n').some(line => line.endsWith(` -- ${writeArguments(names)}`))) throw new Error('--update: it was made with other names, see its NOTICE')
  const folder = mkdtempSync(join(tmpdir(), 'new-source-'))
  try {
    makeSource({ ...options, to: folder })
    git(to, 'fetch', '--quiet', folder, 'main')
    const commit = git(to, ...authorOptions(to), 'commit-tree', 'FETCH_HEAD^{tree}', '-p', last, '-p', 'FETCH_HEAD^', '-m', messageOf(names))
    git(to, 'branch', '--quiet', '--force', branch, commit)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
