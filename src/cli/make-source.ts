import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { findTraces, makeRenaming, writeArguments, type SourceNames } from './source-names.js'

/** The first version of a new source. */
const firstVersion = '0.1.0'

/** These files stay unchanged: they say where the source comes from. */
const unchanged = ['LICENSE', 'NOTICE']

/** The options of {@link makeSource}. */
export interface SourceOptions {
  /** The repository to make it from. */
  from: string
  /** The commit of that repository. */
  commit?: string
  old: SourceNames
  names: SourceNames
  /** The folder to make it in: it must be empty or not exist. */
  to: string
}

/**
 * Makes a source with other names in its own repository, which has the history of this one and one commit on top. This
 * repository is its remote `upstream`.
 *
 * @throws Error if something fails; then nothing is left behind
 */
export function makeSource (options: SourceOptions): void {
  const { to } = options
  const wasThere = existsSync(to)
  try {
    clone(options)
    renameAll(options)
    writeOwnFiles(options)
    refuseTraces(options)
    generate(options)
    refuseTraces(options)
    commit(options)
  } catch (error) {
    for (const entry of wasThere ? readdirSync(to).map(name => join(to, name)) : [to]) rmSync(entry, { recursive: true, force: true })
    throw error
  }
}

/** Runs git in a folder. @throws Error with the last line of its output */
export function git (folder: string, ...args: string[]): string {
  return run(folder, 'git', args).trim()
}

/** The options that give a commit an author even if git has none configured. */
export function authorOptions (folder: string): string[] {
  return ['name', 'email'].flatMap(key => ['-c', `user.${key}=${git(folder, 'config', '--default', 'new-source', `user.${key}`)}`])
}

/** The message of the commit that makes a source. */
export function messageOf ({ kind }: SourceNames): string {
  return `Make ${kind}`
}

/** @throws Error with the last line of the command's output */
function run (folder: string, command: string, args: string[], env: NodeJS.ProcessEnv = process.env): string {
  try {
    return execFileSync(command, args, { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1024 ** 3 })
  } catch (error) {
    // Its last line is the last line of the command's output.
    throw new Error(`${command} ${args.join(' ')}: ${(error as Error).message.trim().split('\n').at(-1)}`)
  }
}

/** The text files of a repository's work tree: paths and contents. */
export function readTexts (folder: string): Map<string, string> {
  const paths = git(folder, 'ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0').filter(path => statSync(join(folder, path), { throwIfNoEntry: false })?.isFile())
  return new Map(paths.map((path): [string, string] => [path, readFileSync(join(folder, path), 'utf8')]).filter(([, text]) => !text.includes('\0')))
}

/** Where the later changes of a repository come from: its remote `origin`, or the repository itself if it has none. */
export function upstreamOf (repository: string): string {
  return git(repository, 'remote').split('\n').includes('origin') ? git(repository, 'remote', 'get-url', 'origin') : repository
}

function clone ({ from, commit = 'HEAD', to }: SourceOptions): void {
  const hash = git(from, 'rev-parse', '--verify', `${commit}^{commit}`)
  const upstream = upstreamOf(from)
  git(from, 'clone', '--quiet', '--no-hardlinks', '--no-checkout', '--origin', 'upstream', '.', to)
  git(to, 'checkout', '--quiet', '-B', 'main', '--no-track', hash)
  git(to, 'remote', 'set-url', 'upstream', upstream)
}

function renameAll ({ old, names, to }: SourceOptions): void {
  const rename = makeRenaming(old, names)
  for (const [path, text] of readTexts(to)) {
    if (unchanged.includes(path)) continue
    writeFileSync(join(to, path), rename(text))
    const renamed = rename(path)
    if (renamed === path) continue
    mkdirSync(dirname(join(to, renamed)), { recursive: true })
    renameSync(join(to, path), join(to, renamed))
  }
}

function writeOwnFiles ({ from, old, names, to }: SourceOptions): void {
  const file = (path: string) => join(to, path)
  const packageName = nameOfPackage(from)
  const made = nameOfPackage(to)
  const head = git(to, 'rev-parse', 'HEAD')
  addNotice(to, `${made}\n\nMade from ${packageName}, the ${old.kind} of ${old.group}, at its commit\n${head}, with\n\n    npm run new-source -- ${writeArguments(names)}\n\nThat is licensed under the Apache License, Version 2.0: see LICENSE.\n`)
  writeFileSync(file('README.md'), readmeOf(names, made))
  // The README above does not show it, and what the demo prints is soon another.
  rmSync(file('docs/demo.svg'), { force: true })
  writeFileSync(file('CHANGELOG.md'), `# Changelog\n\n## [Unreleased]\n### Added\n- The first version of ${names.kind}. NOTICE says what it was made from.\n`)
  const packageFile = file('package.json')
  const { version, ...rest } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }
  const ordered = { name: made, version: firstVersion, description: `${names.kind}, an event source for Knative: a hook behind Metacontroller's CompositeController` }
  writeFileSync(packageFile, `${JSON.stringify({ ...ordered, ...rest, ...ordered }, undefined, 2)}\n`)
  const lockFile = file('package-lock.json')
  const lock = JSON.parse(readFileSync(lockFile, 'utf8')) as { packages: { '': object } }
  writeFileSync(lockFile, `${JSON.stringify({ ...lock, version: firstVersion, packages: { ...lock.packages, '': { ...lock.packages[''], version: firstVersion } } }, undefined, 2)}\n`)
  const kustomization = file('manifests/kustomization.yaml')
  writeFileSync(kustomization, setVersion(readFileSync(kustomization, 'utf8'), version, firstVersion))
}

/** Changes the version in the image's tag and the label of `manifests/kustomization.yaml`. */
export function setVersion (kustomization: string, from: string, to: string): string {
  return kustomization.split('\n').map(line => line.endsWith(`: ${from}`) ? line.slice(0, -from.length) + to : line).join('\n')
}

/** Puts a notice before the existing ones of a repository, newest first. */
export function addNotice (folder: string, notice: string): void {
  const path = join(folder, 'NOTICE')
  const before = existsSync(path) ? `\n${readFileSync(path, 'utf8')}` : ''
  writeFileSync(path, notice + before)
}

function nameOfPackage (folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name: string }).name
}

function readmeOf ({ kind, group }: SourceNames, made: string): string {
  return `# ${made}

\`${kind}\` (\`${group}\`) is a [Knative](https://knative.dev) event source. Its controller is one HTTP hook in TypeScript; [Metacontroller](https://metacontroller.github.io/metacontroller/) makes every write to the Kubernetes API.

## Try it
You need Node 20.19 or newer and npm; no cluster.

\`\`\`sh by=.ci/run
npm ci && npm run demo   # the story of one source, in a simulated cluster
npm ci && npm test       # all tests
\`\`\`

## Read on
- [Your own source](docs/your-own-source.md): from here to events of your own, step by step
- [Install](docs/install.md), [Configuration](docs/configuration.md), [Security](docs/security.md), [Limits](docs/limits.md)
- [The ${kind}](docs/source.md): its fields, its status, its events; [the receive adapter](docs/adapter.md): what it sends
- [Render](docs/render.md) and [Simulate](docs/simulate.md): try a source without a cluster
- [Metrics](docs/metrics.md), [Troubleshooting](docs/troubleshooting.md), [Design](docs/design.md), [Benchmarks](docs/benchmarks.md)
- [Contributing](CONTRIBUTING.md): the tests, and how to add a field

Licensed under [Apache-2.0](LICENSE). [NOTICE](NOTICE) says where it comes from.
`
}

/** Runs the generators again, with the tools installed here: hashes and sorted names have changed. */
function generate ({ from, to }: SourceOptions): void {
  const modules = join(to, 'node_modules')
  symlinkSync(join(from, 'node_modules'), modules)
  try {
    // The environment of a running npm would be taken for the other package's.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|TAP|_TAPJS|NODE_OPTIONS|NODE_V8_COVERAGE)/.test(name)))
    run(to, 'npm', ['run', '--silent', 'generate'], env)
    // What `npm run fixtures` does, with the generators that are there already.
    run(to, process.execPath, ['build/generators/fixtures.js'], env)
  } finally {
    rmSync(modules)
    rmSync(join(to, 'build'), { recursive: true, force: true })
  }
}

/** @throws Error if a file still contains one of the old names */
function refuseTraces ({ to, old, names }: SourceOptions): void {
  for (const [path, text] of readTexts(to)) {
    const [trace] = unchanged.includes(path) ? [] : findTraces(`${path}\n${text}`, old, names)
    if (trace !== undefined) throw new Error(`${path} still says ${trace}`)
  }
}

function commit ({ names, to }: SourceOptions): void {
  git(to, 'add', '--all')
  git(to, ...authorOptions(to), 'commit', '--quiet', '--no-verify', '--no-gpg-sign', '--message', messageOf(names))
  // Folders that are now empty.
  git(to, 'clean', '--quiet', '--force', '-d')
}

/** Whether a folder is empty or does not exist. @throws Error if it is not a folder */
export function isEmptyFolder (folder: string): boolean {
  return !existsSync(folder) || readdirSync(folder).length === 0
}

/** Whether a folder is the same as another one, or inside it. */
export function isInside (folder: string, other: string): boolean {
  return !relative(other, folder).startsWith('..')
}
