import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import * as ours from '../../src/samplesource/names.js'
import { addNotice, makeSource, readTexts, setVersion, upstreamOf } from '../../src/cli/make-source.js'
import { newSource } from '../../src/cli/new-source.js'
import { completeNames, makeRenaming } from '../../src/cli/source-names.js'
import { run } from '../docs/copy.js'
import { isMade } from '../docs/examples.js'
import { brokenLinks } from '../docs/markdown.js'
import { makeFolder } from '../folder.js'
import { Cluster } from '../harness/cluster.js'
import { Program } from '../program.js'
import { requiredSpec } from '../samplesource/source.js'
import { from, made, makeOnce, names } from './made-source.js'
import { git } from './repository.js'
import { findTraces } from './traces.js'

/* `npm run new-source`, from a clone of this repository. */

const root = process.cwd()

t.test('a source with other names: committed, with this history, and without a trace of our names', async t => {
  const { stdout, stderr, exitCode } = makeOnce()
  t.equal(stderr, '')
  t.equal(exitCode, 0)
  t.match(stdout, `src/${names.kind.toLowerCase()}/schema.ts `)
  for (const path of stdout.match(/\b(?:src|docs)\/\S+/g) ?? []) t.ok(existsSync(join(made, path)), path)

  t.strictSame(findTraces(made, ours), [])
  t.not(findTraces(made, names).length, 0)
  t.equal(git(made, 'status', '--porcelain', '--ignored'), '')
  t.equal(git(made, 'rev-parse', 'HEAD~1'), git(from, 'rev-parse', 'HEAD'))
  t.equal(git(made, 'branch', '--show-current'), 'main')
  t.equal(git(made, 'remote', 'get-url', 'upstream'), git(from, 'remote', 'get-url', 'origin'))
  t.match(readFileSync(join(made, 'NOTICE'), 'utf8'), git(from, 'rev-parse', 'HEAD'))
  if (isMade) t.match(readFileSync(join(made, 'NOTICE'), 'utf8'), readFileSync(join(from, 'NOTICE'), 'utf8'), 'where it comes from in the first place')
  t.notMatch(readFileSync(join(made, 'CHANGELOG.md'), 'utf8'), /^## \[\d/m, 'nothing is released yet')
  t.equal(readFileSync(join(made, 'LICENSE'), 'utf8'), readFileSync(join(from, 'LICENSE'), 'utf8'))
  t.notOk(readdirSync(join(made, 'src')).includes('samplesource'))
  t.match(readFileSync(join(made, 'src', names.kind.toLowerCase(), 'names.ts'), 'utf8'), "export const plural = 'readings'")
  t.match(readFileSync(join(made, 'manifests/base/crd.yaml'), 'utf8'), `name: readings.${names.group}`)

  t.test('its links work', async t => {
    t.strictSame(brokenLinks(new Map([...readTexts(made)].filter(([path]) => path.endsWith('.md'))), path => existsSync(join(made, path))), [])
  })

  t.test('both on one cluster: neither changes objects of the other', async t => {
    const modules = join(made, 'node_modules')
    symlinkSync(join(root, 'node_modules'), modules)
    t.teardown(() => rmSync(modules))
    const { code, output } = await run(made, 'npm', ['run', '--silent', 'compile'])
    t.equal(code, 0, output)
    const hooks = [root, made].map(cwd => new Program('hook', { RECEIVE_ADAPTER_IMAGE: 'image:1' }, { t, from: 'build', cwd }))
    t.teardown(async () => {
      for (const hook of hooks) hook.kill('SIGKILL')
      await Promise.all(hooks.map(async hook => await hook.ended()))
    })
    const [ourUrl, theirUrl] = await Promise.all(hooks.map(async hook => (await hook.ready()).hook)) as [string, string]

    for (const applyStrategy of ['dynamic-apply', 'server-side-apply'] as const) {
      const cluster = new Cluster({ hookUrl: ourUrl, applyStrategy })
      const { metacontroller } = cluster.install({ hookUrl: theirUrl, applyStrategy, manifests: join(made, 'manifests/base') })
      cluster.apply({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'event-display', namespace: 'demo' } })
      const metadata = { name: 'heartbeat', namespace: 'demo' }
      const kinds = [{ apiVersion: ours.apiVersion, kind: ours.kind }, { apiVersion: `${names.group}/v1alpha1`, kind: names.kind }]
      for (const each of kinds) cluster.apply({ ...each, metadata, spec: requiredSpec })
      t.match(await cluster.settle(), { settled: true })

      const [ourSource, theirSource] = kinds.map(each => cluster.api.find({ ...each, metadata })!) as [any, any]
      for (const source of [ourSource, theirSource]) t.equal(source.status.conditions.find(({ type }: { type: string }) => type === 'Ready').status, 'True', `${applyStrategy}: ${source.kind}`)
      const [our, their] = [ourSource, theirSource].map(source => cluster.children(source))
      t.strictSame([our!.length, their!.length], [2, 2])
      const [ourDeployment, theirDeployment] = [our, their].map(children => children!.find(({ kind }) => kind === 'Deployment')!) as [any, any]
      const selects = (one: any, other: any) => Object.entries(one.spec.selector.matchLabels).every(([name, value]) => other.spec.template.metadata.labels[name] === value)
      t.notOk(selects(ourDeployment, theirDeployment) || selects(theirDeployment, ourDeployment), 'no selector finds the pods of the other')

      // Our objects do not change while theirs are changed and deleted.
      const versions = () => [ourSource, ...our!].map(object => cluster.api.find(object)?.metadata.resourceVersion)
      const before = versions()
      cluster.apply({ ...kinds[1]!, metadata, spec: { ...requiredSpec, serviceAccountName: 'another' } })
      await cluster.settle()
      cluster.delete(theirSource)
      t.match(await cluster.settle(), { settled: true })
      await metacontroller.resync(ourSource).catch(() => {})
      t.strictSame(versions(), before)
      t.equal(cluster.children(theirSource).length, 0)
    }
  })
})

t.test('invalid names are refused in one line, and nothing is written', async t => {
  const folder = makeFolder(t, 'new-source')
  writeFileSync(join(folder, 'file'), '')
  mkdirSync(join(folder, 'full'))
  writeFileSync(join(folder, 'full', 'file'), '')
  const good = ['TideSource', '--group', 'sea.example.com', '--to', 'new']
  const but = (...changes: string[]) => [...good, ...changes]
  const refused: Array<[args: string[], message: string]> = [
    [[], 'expected one KIND'], [['A', 'B'], 'expected one KIND'], [['TideSource'], 'expected --group GROUP'],
    [['TideSource', '--group', 'sea.example.com'], 'expected --to FOLDER'], [but('--nonsense'), "Unknown option '--nonsense'"],
    [['tide', ...good.slice(1)], 'kind: expected CamelCase'], [['Tide-Source', ...good.slice(1)], 'kind: expected CamelCase'], [['TIDE', ...good.slice(1)], 'kind: expected CamelCase'],
    [['Tíde', ...good.slice(1)], 'kind: expected CamelCase'], [['T'.padEnd(41, 'e'), ...good.slice(1)], 'kind: expected at most 40 characters'],
    [['Deployment', ...good.slice(1)], 'kind: Deployment is a kind of Kubernetes'], [['PingSource', ...good.slice(1)], 'kind: PingSource is a kind of Kubernetes'],
    [[ours.kind, ...good.slice(1)], 'cannot be told apart'], [[`${ours.kind}Two`, ...good.slice(1)], 'cannot be told apart'],
    [['EventSource', ...good.slice(1)], 'the code already uses'], [['Adapter', ...good.slice(1)], 'the code already uses'],
    [but('--group', 'example'), '--group: expected a DNS name'], [but('--group', 'Sea.example.com'), '--group: expected a DNS name'], [but('--group', 'a.k8s.io'), "--group: a.k8s.io is a group of Kubernetes' own"],
    [but('--plural', 'Tides'), '--plural: expected a DNS label'], [but('--plural', 'tidesource'), '--plural: expected another name'], [but('--plural', 'pods'), '--plural: pods is a kind'],
    [but('--namespace', 'a.b'), '--namespace: expected a DNS label'], [but('--namespace', 'kube-system'), '--namespace: kube-system is already taken'], [but('--namespace', ours.systemNamespace), '--namespace:'],
    [but('--event-type', 'a b'), '--event-type: expected letters'], [but('--event-type', ours.eventType), '--event-type:'], [but('--event-source', "it's"), '--event-source: expected a URI reference'],
    [but('--to', 'full'), '--to: expected a folder that is empty'], [but('--to', 'file'), 'not a directory'], [but('--to', `${from}/new`), '--to: expected a folder outside of this repository'], [but('--to', from), '--to: expected a folder outside']
  ]
  for (const [args, message] of refused) {
    const { stdout, stderr, exitCode } = newSource(args, folder, from)
    t.equal(exitCode, 2, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, /^new-source: [^\n]*\n$/, args.join(' '))
    t.ok(stderr.includes(message), `${args.join(' ')}: ${stderr}`)
  }
  t.strictSame(readdirSync(folder), ['file', 'full'])
  t.strictSame(readdirSync(join(folder, 'full')), ['file'])
  t.equal(git(from, 'status', '--porcelain', '--untracked-files=all'), '?? node_modules')
  t.match(newSource(['--help'], folder, from), { exitCode: 0, stdout: /^Usage: npm run new-source -- KIND/, stderr: '' })
})

t.test('a source that cannot be made leaves nothing behind', async t => {
  const folder = makeFolder(t, 'new-source')
  const nowhere = join(folder, 'no-repository')
  mkdirSync(join(nowhere, 'src'), { recursive: true })
  t.match(newSource(['TideSource', '--group', 'sea.example.com', '--to', 'new'], folder, nowhere), { exitCode: 2, stderr: /^new-source: git [^\n]*not a git repository[^\n]*\n$/ })
  const names = completeNames({ kind: 'TideSource', group: 'sea.example.com' })
  // Its names contain ours.
  t.throws(() => makeSource({ from, old: ours, names: { ...names, eventSource: `${ours.kind}/x` }, to: join(folder, 'new') }), / still says /)
  mkdirSync(join(folder, 'empty'))
  t.throws(() => makeSource({ from: nowhere, old: ours, names, to: join(folder, 'empty') }), /^git /)
  t.strictSame(readdirSync(folder), ['empty', 'no-repository'])
  t.strictSame(readdirSync(join(folder, 'empty')), [])
})

t.test('as a process, in the working directory of the user', async t => {
  const folder = makeFolder(t, 'new-source')
  const run = (args: string[], env: NodeJS.ProcessEnv) => spawnSync(process.execPath, ['build/src/cli/new-source-main.js', ...args], { env, encoding: 'utf8' })
  const { env } = process
  t.match(run(['--help'], env), { status: 0, stdout: /^Usage: / })
  writeFileSync(join(folder, 'full'), '')
  t.match(run(['TideSource', '--group', 'sea.example.com', '--to', 'full'], { ...env, INIT_CWD: folder }), { status: 2, stdout: '', stderr: /^new-source: [^\n]*not a directory[^\n]*\n$/ })
})

t.test('the article changes with the name', async t => {
  const rename = makeRenaming(ours, completeNames({ kind: 'AirGauge', group: 'sky.example' }))
  t.equal(rename(`A ${ours.kind} is a ${ours.kind}`), 'An AirGauge is an AirGauge')
  t.equal(makeRenaming(ours, names)(`An ${ours.kind} is an ${ours.kind}`), `A ${names.kind} is a ${names.kind}`)
})

t.test('later changes come from the remote of the repository, or from itself if it has none', async t => {
  t.equal(upstreamOf(from), git(from, 'remote', 'get-url', 'origin'))
  const folder = makeFolder(t, 'new-source')
  git(folder, 'init', '--quiet')
  t.equal(upstreamOf(folder), folder)
})

t.test('a made source starts with its own version', async t => {
  t.equal(setVersion('version: 1.2.3\nother: 1.2.34\n  newTag: 1.2.3\n', '1.2.3', '0.1.0'), 'version: 0.1.0\nother: 1.2.34\n  newTag: 0.1.0\n')
})

t.test('each notice comes before the existing ones', async t => {
  const folder = t.testdir()
  addNotice(folder, 'first\n')
  addNotice(folder, 'second\n')
  t.equal(readFileSync(join(folder, 'NOTICE'), 'utf8'), 'second\n\nfirst\n')
})

t.test('derived names', async t => {
  t.strictSame(completeNames({ kind: 'TideSource', group: 'sea.example.com' }), {
    kind: 'TideSource', group: 'sea.example.com', plural: 'tidesources', systemNamespace: 'tide-source', eventType: 'com.example.sea.tide', eventSource: 'sea.example.com/tide-source'
  })
  t.match(completeNames({ kind: 'HTTP2PingSource', group: 'a.b' }), { plural: 'http2pingsources', systemNamespace: 'http2-ping-source', eventType: 'b.a.http2ping' })
  t.match(completeNames({ kind: 'Source', group: 'a.b' }), { eventType: 'b.a.source' })
})
