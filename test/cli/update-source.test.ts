import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import * as ours from '../../src/samplesource/names.js'
import { newSource } from '../../src/cli/new-source.js'
import { args, folder, from, made, makeOnce, names } from './made-source.js'
import { git } from './repository.js'
import { findTraces } from './traces.js'

/* A source made from an earlier commit merges a later one. The test makes both commits in a clone. */

const domain = 'src/samplesource'
const madeDomain = `src/${names.kind.toLowerCase()}`
const page = 'docs/source.md'

/** Replaces a text in a file that must contain it. */
function edit (path: string, text: string | RegExp, replacement: string): void {
  const before = readFileSync(path, 'utf8')
  t.match(before, text, path)
  writeFileSync(path, before.replace(text, replacement))
}

function commit (repository: string): void {
  git(repository, 'add', '--all', '--', ':!node_modules')
  git(repository, 'commit', '--quiet', '--message', 'Go on')
}

/** Makes the new state of this repository, and merges it. */
function update (): string {
  t.match(newSource([...args, '--update'], folder, from), { exitCode: 0, stderr: '', stdout: / on the branch made of made\. / })
  git(made, 'merge', '--quiet', '--no-edit', 'made')
  t.equal(git(made, 'status', '--porcelain'), '')
  t.strictSame(findTraces(made, ours), [])
  return git(made, 'diff', '--name-only', 'ORIG_HEAD', 'HEAD')
}

const readMade = (path: string) => readFileSync(join(made, path), 'utf8')
const general = 'src/kubernetes/quantity.ts'
/** An unused file. */
const gone = 'docs/limits.md'

t.test('a source is made and developed further', async t => {
  t.match(makeOnce(), { exitCode: 0, stderr: '' })
  git(made, 'remote', 'set-url', 'upstream', from)
  appendFileSync(join(made, 'README.md'), '\nOf the moon.\n')
  edit(join(made, madeDomain, 'schema.ts'), /^export const \w+Spec = /m, '// Of the sea.\n$&')
  edit(join(made, 'src/adapter/heartbeat.ts'), /^export function readSettings/m, '// Of the tides.\n$&')
  edit(join(made, 'package.json'), '"version": "0.1.0"', '"version": "0.7.0"')
  commit(made)
})

t.test('general files are the same in both: a plain merge of a remote updates them', async t => {
  appendFileSync(join(from, general), '\n// A general file.\n')
  commit(from)
  git(made, 'fetch', '--quiet', 'upstream')
  git(made, 'merge', '--quiet', '--no-edit', git(from, 'rev-parse', 'HEAD'))
  t.equal(readMade(general), readFileSync(join(from, general), 'utf8'))
})

t.test('new files are merged with the names of the source, removed ones are removed, and the author\'s changes stay', async t => {
  appendFileSync(join(from, general), '// Another line.\n')
  // A line in a separate file, and one next to a line with a name.
  edit(join(from, domain, 'reconcile.ts'), /$/, `\n// Of each ${ours.kind}.\n`)
  edit(join(from, domain, 'names.ts'), /^export const kind = .*$/m, `$&\nexport const kindInWords = '${ours.kind} in words'`)
  edit(join(from, page), /^# .*$/m, '$&\nOf the reference.')
  writeFileSync(join(from, domain, 'new.ts'), `// New in ${ours.kind}.\n`)
  git(from, 'rm', '--quiet', gone)
  commit(from)

  const changed = update().split('\n')
  t.equal(readMade(general), readFileSync(join(from, general), 'utf8'))
  t.match(readMade(`${madeDomain}/reconcile.ts`), `// Of each ${names.kind}.`)
  t.match(readMade(`${madeDomain}/names.ts`), `export const kind = '${names.kind}'\nexport const kindInWords = '${names.kind} in words'`)
  t.equal(readMade(`${madeDomain}/new.ts`), `// New in ${names.kind}.\n`)
  t.match(readMade(page), 'Of the reference.')
  t.match(readMade('NOTICE'), git(from, 'rev-parse', 'HEAD'))
  t.strictSame(changed.sort(), ['NOTICE', gone, page, general, ...['names.ts', 'new.ts', 'reconcile.ts'].map(name => `${madeDomain}/${name}`)].sort())

  t.match(readMade('README.md'), 'Of the moon.')
  t.match(readMade(`${madeDomain}/schema.ts`), '// Of the sea.')
  t.match(readMade('src/adapter/heartbeat.ts'), '// Of the tides.')
  t.match(readMade('package.json'), '"version": "0.7.0"')
  t.equal(git(made, 'merge-base', 'HEAD', git(from, 'rev-parse', 'HEAD')), git(from, 'rev-parse', 'HEAD'), 'with the history')
})

t.test('a refusal is one line, and no branch is written', async t => {
  const before = git(made, 'for-each-ref')
  for (const [args, message] of [
    [['MoonSource', '--group', names.group, '--to', 'made'], 'has no commit "Make MoonSource"'],
    [[names.kind, '--group', names.group, '--to', 'made'], '--update: it was made with other names, see its NOTICE'],
    [[names.kind, '--group', names.group, '--to', 'none'], '']
  ] as const) {
    const { stdout, stderr, exitCode } = newSource([...args, '--update'], folder, from)
    t.strictSame([exitCode, stdout], [2, ''])
    t.match(stderr, /^new-source: [^\n]*\n$/)
    t.ok(stderr.includes(message), stderr)
  }
  t.equal(git(made, 'for-each-ref'), before)
})
