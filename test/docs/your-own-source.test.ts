import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Program } from '../program.js'
import { startSink } from '../adapter/sink.js'
import { compile, copyRepository, run } from './copy.js'
import { blocks, examples, fieldPatch, isMade, page } from './examples.js'

/* What docs/your-own-source.md says, done. */

t.test('its links lead to files and headings', async t => {
  const anchor = (heading: string) => heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-')
  for (const [, target = '', , heading] of page.matchAll(/\]\(((?!https?:)[^)#]*)(#([^)]*))?\)/g)) {
    const file = target === '' ? 'docs/your-own-source.md' : join('docs', target)
    t.ok(existsSync(file), file)
    if (heading === undefined) continue
    const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, text]) => anchor(text as string))
    t.ok(headings.includes(heading), `${file}#${heading}`)
  }
})

t.test('what it copies and names is there', async t => {
  const folder = copyRepository(t)
  const commands = blocks('sh').flatMap(block => block.split('\n')).filter(line => line.startsWith('cp ') || /^git apply .*docs/.test(line))
  t.equal(commands.length, 4)
  for (const command of commands) {
    if (command.startsWith('cp ')) t.same(await run(folder, 'sh', ['-c', command]), { code: 0, output: '' })
  }
  for (const [, path] of page.matchAll(/^\| `(src\/\S+|manifests\/\S+)` \|/gm)) t.ok(existsSync(path as string), `${path}`)
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
  for (const [, script] of page.matchAll(/npm (?:run )?(?!run|ci|and)([\w-]+)/g)) t.ok(scripts[script as string], `npm run ${script}`)
})

t.test('the field: its diffs apply, all compiles, its tests pass, and the event carries it', async t => {
  t.equal(blocks('diff').length, 8, 'in eight files')
  const folder = copyRepository(t)
  const applied = await examples.field(folder)
  if (isMade && applied.code !== 0) return t.pass('its author has changed these lines')
  t.same(applied, { code: 0, output: '' })

  compile(folder)
  const { code, output } = await run(folder, process.execPath, ['build/src/cli/generate-crd.js'])
  t.equal(code, 0)
  writeFileSync(join(folder, 'manifests/base/crd.yaml'), output)
  for (const test of fieldPatch.matchAll(/^\+\+\+ b\/(.*\.test\.ts)$/gm)) {
    const { code, output } = await run(folder, process.execPath, [`build/${test[1]?.replace('.ts', '.js')}`])
    t.equal(code, 0, output)
  }

  const sink = await startSink(t)
  const adapter = new Program('adapter', { K_SINK: sink.url, INTERVAL: '50ms', CITY: 'São Paulo' }, { t, from: 'build', cwd: folder })
  t.match((await sink.nth(0)).event.data, { sequence: 0, city: 'São Paulo' })
  adapter.kill('SIGTERM')
  t.match(await adapter.ended(), { code: 0 })
})
