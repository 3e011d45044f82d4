import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { often, trigger } from '../adapter/trigger.js'
import { startSink } from '../adapter/sink.js'
import { fixtureEnvironment, readFixture } from '../fixtures.js'
import { makeFolder } from '../folder.js'
import { Program } from '../program.js'

/*
 * The content of the image, without building it: the files that the Dockerfile copies, in a folder without node_modules.
 * `npm run release:check` builds the image itself, if buildah is installed.
 */

const dockerfile = readFileSync('Dockerfile', 'utf8')
const [buildStage = '', runStage = ''] = dockerfile.split(/^(?=FROM )/m).slice(1)

interface Metafile { outputs: Record<string, { imports: Array<{ path: string, external?: boolean }> }> }

const folder = makeFolder(t, 'image')
const metafile = join(folder, 'meta.json')
execFileSync('npm', ['run', '--silent', 'bundle:programs', '--', `--outdir=${folder}/dist`, `--metafile=${metafile}`], { stdio: 'pipe' })
const { outputs } = JSON.parse(readFileSync(metafile, 'utf8')) as Metafile
execFileSync(process.execPath, ['.ci/third-party-licenses.mjs', metafile, join(folder, 'dist/third-party-licenses.txt')])
rmSync(metafile)
for (const file of copied(runStage)) cpSync(file, join(folder, file))

/** The files that a stage copies from the repository, with patterns expanded. */
function copied (stage: string): string[] {
  return [...stage.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, files]) => files!.split(' '))
    .flatMap(file => file.endsWith('*') ? readdirSync('.').filter(name => name.startsWith(file.slice(0, -1))) : [file])
}

t.test('it has only the files that the programs load', async t => {
  t.strictSame(readdirSync(folder).sort(), ['LICENSE', ...existsSync('NOTICE') ? ['NOTICE'] : [], 'dist', 'package.json'])
  const files = readdirSync(join(folder, 'dist'), { recursive: true, withFileTypes: true }).filter(file => file.isFile())
  for (const { name } of files) t.match(name, /\.js$|^third-party-licenses\.txt$/)
  const bytes = files.reduce((sum, file) => sum + statSync(join(file.parentPath ?? file.path, file.name)).size, 0)
  t.ok(bytes < 6_000_000, `${bytes} bytes`)
  const external = new Set(Object.values(outputs).flatMap(({ imports }) => imports).filter(({ external }) => external).map(({ path }) => path.replace(/^node:/, '')))
  t.strictSame([...external].filter(path => !builtinModules.includes(path)), ['pino-pretty'], 'which is for a person at a terminal')
})

t.test('it has the licenses of everything in it', async t => {
  const text = readFileSync(join(folder, 'dist/third-party-licenses.txt'), 'utf8')
  for (const name of ['fastify', 'pino', '@opentelemetry/api', 'cloudevents']) t.match(text, new RegExp(`^${name} \\d`, 'm'))
})

t.test('both programs run from it, and write no file', async t => {
  const before = readdirSync(folder, { recursive: true })
  const env = { NODE_ENV: 'production' }
  const hook = new Program('hook', { ...fixtureEnvironment(), ...env }, { t, cwd: folder })
  const { hook: url } = await hook.ready()
  const { request, response } = readFixture('create')
  const answer = await fetch(`${url}/sync`, { method: 'POST', body: JSON.stringify(request), headers: { 'content-type': 'application/json' } })
  t.equal(answer.status, 200)
  t.match(await answer.json(), { children: (response as { children: unknown[] }).children.map(() => Object) })

  const sink = await startSink(t)
  const adapter = new Program('adapter', { ...often, K_SINK: sink.url, ...env }, { t, cwd: folder })
  await trigger(adapter)
  await sink.nth(0)
  for (const program of [hook, adapter]) {
    program.kill('SIGTERM')
    t.match(await program.exited(60_000), { code: 0, signal: null })
    t.equal(program.stderr, '')
  }
  t.strictSame(readdirSync(folder, { recursive: true }), before)
})

t.test('its base images are pinned and can be replaced', async t => {
  const bases = [...dockerfile.matchAll(/^ARG (\w+_BASE)=(.*)$/gm)].map(([, name, image]) => ({ name, image }))
  t.strictSame(bases.map(({ name }) => name), ['BUILD_BASE', 'RUN_BASE'])
  for (const { name, image } of bases) {
    t.match(image, /^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$/, `${name}: the tag, and what it stands for`)
    t.match(dockerfile, new RegExp(`^FROM .*\\$\\{${name}\\}`, 'm'))
  }
})

t.test('it runs as a non-root user, and has probes', async t => {
  t.match(runStage, /^USER 65532:65532$/m)
  t.notMatch(dockerfile, /^HEALTHCHECK/m)
  t.notMatch(runStage, /^RUN/m, 'so that it can be built for other platforms, too')
})

t.test('the build context has only what it copies', async t => {
  const sent = readFileSync('.dockerignore', 'utf8').split('\n').filter(line => /^[^#]/.test(line))
  t.equal(sent.shift(), '*')
  const wanted = [...copied(buildStage), ...copied(runStage), 'NOTICE']
  t.strictSame(sent.map(line => line.replace('!', '')).sort(), [...new Set(wanted)].sort())
})
