import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Program } from '../program.js'
import { startSink } from '../adapter/sink.js'
import { compile, copyRepository, run } from './copy.js'
import { blocks, examples, fieldPatch, isMade, page } from './examples.js'

/* Follows docs/your-own-source.md to add a field. Its links and commands are tested with those of the other pages. */

t.test('the files that it names exist', async t => {
  for (const [, path] of page.matchAll(/^\| `(src\/\S+|manifests\/\S+)` \|/gm)) t.ok(existsSync(path as string), `${path}`)
})

t.test('the field: its diffs apply, everything compiles, its tests pass, and the event has it', async t => {
  t.equal(blocks('diff').length, 8, 'in eight files')
  const folder = copyRepository(t)
  const applied = await examples.field(folder)
  if (isMade && applied.code !== 0) return t.pass('its author has changed these lines')
  t.same(applied, { code: 0, output: '' })

  await compile(folder)
  t.same(await run(folder, 'npm', ['run', '--silent', 'generate']), { code: 0, output: '' })
  t.match(readFileSync(join(folder, 'manifests/base/crd.yaml'), 'utf8'), '                city:\n')
  t.match(readFileSync(join(folder, 'docs/configuration.md'), 'utf8'), '| `CITY` | City whose weather is told: the name of a city. | required |')
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
