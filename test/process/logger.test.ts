import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { readLines, type LogLine } from '../log-lines.js'

/* The log of a process that writes more than its reader reads. */

const script = `
const { makeLogger } = await import('./build/src/process/logger.js')
const logger = await makeLogger('info')
for (let line = 0; line < 30_000; line++) logger.info({ line }, 'x'.repeat(100))
process.stdin.once('data', () => { logger.info('the last') })
`

t.test('lines that nobody reads are dropped, and counted once the log is read again', async t => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['pipe', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const lines: LogLine[] = []
  const read = readLines(child.stdout, line => {
    lines.push(JSON.parse(line) as LogLine)
    if (lines.at(-1)!.msg.startsWith('log lines dropped')) child.stdin.end('go on')
  })
  await Promise.all([once(child, 'exit'), read])
  const told = lines.findIndex(({ msg }) => msg === 'log lines dropped: nobody read them')
  const kept = lines.slice(0, told)
  t.same(kept.map(({ line }) => line), kept.map((_, index) => index), 'those before are all there')
  t.match(lines[told], { level: 40, dropped: 30_000 - told })
  t.ok(told > 1_000 && told < 20_000, `${told} lines were kept`)
  t.same(lines.slice(told + 1).map(({ msg }) => msg), ['the last'])
})
