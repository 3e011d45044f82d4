import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { freePort } from '../free-port.js'
import { endsWithParent } from '../program.js'
import { until } from '../until.js'
import { copyRepository, run } from './copy.js'
import { isMade } from './examples.js'
import { codeBlocks } from './markdown.js'
import { readPages } from './pages.js'

/*
 * The commands of the documents: the blocks of code in the language `sh`. Each is run here, or says why not, by what follows
 * the language: `cluster` or `release`, for it needs one, or `by=FILE`, which runs it.
 */

const pages = [...readPages()].map(([page, text]) => ({ page, blocks: codeBlocks(text).filter(({ language }) => ['sh', 'bash', 'shell'].includes(language)) }))
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }

t.test('each block is run here, or has a reason not to be', async t => {
  for (const { page, blocks } of pages) {
    for (const { language, mark, text } of blocks) {
      t.equal(language, 'sh', page)
      const [, by] = /^by=(\S+)$/.exec(mark) ?? []
      t.ok(['', 'cluster', 'release'].includes(mark) || (by !== undefined && existsSync(by)), `${page}: ${mark}: ${text}`)
    }
  }
})

t.test('the files and scripts in all blocks exist', async t => {
  for (const { page, blocks } of pages) {
    for (const { text } of blocks) {
      t.match(await run('.', 'bash', ['-n'], text), { code: 0, output: '' }, `${page}: ${text}`)
      for (const [, script] of text.matchAll(/\bnpm run (?:(?:-s|--silent) )?([\w:-]+)/g)) t.ok(scripts[script as string], `${page}: npm run ${script}`)
      for (const [path] of text.matchAll(/(?<![\w./-])(?:manifests|docs|src|test)\/[\w./-]*\w/g)) t.ok(existsSync(path), `${page}: ${path}`)
    }
  }
})

for (const { page, blocks } of pages) {
  const commands = blocks.filter(({ mark }) => mark === '')
  if (commands.length === 0) continue
  t.test(`${page}: its commands, in order`, async t => {
    const folder = copyRepository(t)
    for (const { text } of commands) {
      const { code, output } = await run(folder, 'bash', ['-e'], text)
      if (isMade && code !== 0) t.pass('its author has changed what this changes')
      else t.equal(code, 0, `${text}\n${output}`)
    }
  })
}

t.test('docs/your-own-source.md: the sink answers and prints the requests', async t => {
  const [block] = pages.find(({ page }) => page === 'docs/your-own-source.md')?.blocks.filter(({ mark }) => mark === 'by=test/docs/commands.test.ts') ?? []
  const port = await freePort()
  const command = block?.text.replace('8081', `${port}`) ?? ''
  t.match(command, `listen(${port})`)
  const sink = spawn('sh', ['-c', `exec ${command}`], { env: { ...process.env, NODE_OPTIONS: endsWithParent }, stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => sink.kill('SIGKILL'))
  let printed = ''
  sink.stdout.on('data', chunk => { printed += chunk })
  const hasEnded = () => sink.exitCode !== null
  await until(async () => hasEnded() || await fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: '{"a":1}' }).then(({ status }) => status === 202, () => false))
  await until(() => hasEnded() || printed.includes('{"a":1}'))
  t.notOk(hasEnded())
})
