import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { never, often } from '../adapter/trigger.js'
import { startSink } from '../adapter/sink.js'
import { readLines } from '../log-lines.js'
import { endsWithParent } from '../program.js'
import { until } from '../until.js'
import { copyRepository, run } from './copy.js'
import { codeBlocks } from './markdown.js'

t.test('the adapter by hand: both commands of docs/adapter.md', async t => {
  const block = codeBlocks(readFileSync('docs/adapter.md', 'utf8')).find(({ mark }) => mark === 'by=test/docs/by-hand.test.ts')
  const [build = '', start = '', ...more] = block?.text.split('\n') ?? []
  t.same(more, [])
  const folder = copyRepository(t)
  t.match(await run(folder, 'sh', ['-c', build]), { code: 0 })

  const sink = await startSink(t)
  const command = start.replace(/http:\/\/localhost:\d+\//, sink.url)
  t.ok(command.includes(sink.url))
  // `INTERVAL` is in the command, unless something else drives the adapter.
  const adapter = spawn('sh', ['-c', `exec env METRICS_PORT=0 ${command}`], { cwd: folder, env: { ...process.env, ...never, ...often, NODE_OPTIONS: endsWithParent }, stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => adapter.kill('SIGKILL'))
  const lines: string[] = []
  const ended = readLines(adapter.stdout, line => lines.push(line))
  await until(() => lines.some(line => line.includes('"sending ')))
  adapter.kill('SIGTERM')
  t.same(await once(adapter, 'exit'), [0, null])
  await ended
})
