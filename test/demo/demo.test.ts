import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readdirSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { readLines } from '../log-lines.js'
import { until } from '../until.js'

/* The demo as a process, as `npm run demo` starts it once all is built. */

t.jobs = 3

/** Starts the demo by a shell. */
function start (command: string, env: Record<string, string> = {}) {
  const demo = spawn('sh', ['-c', command], { env: { ...process.env, NODE_OPTIONS: '', ...env, DEMO: 'build/test/demo/main.js' }, stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => demo.kill('SIGKILL'))
  return demo
}

/** The processes that a process has started. */
function childrenOf (pid: number): number[] {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name) && statusOf(name).includes(`\nPPid:\t${pid}\n`)).map(Number)
}

/** Nothing, of one that has ended. */
function statusOf (pid: number | string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}

const isRunning = (pid: number) => /^State:\s+[^Z\s]/m.test(statusOf(pid))

t.test('whatever the shell has set, it comes to its end; in a pipe without colours, in lines of 80 characters at most', { buffered: true }, async t => {
  const demo = start('exec node $DEMO', { LOG_LEVEL: 'silent', PORT: 'tcp://10.0.0.1:80', INTERVAL: 'x', K_SINK: 'x' })
  const [stdout, stderr, [code]] = await Promise.all([text(demo.stdout), text(demo.stderr), once(demo, 'close')])
  t.match({ code, stderr }, { code: 0, stderr: '' })
  t.same(stdout.split('\n').filter(line => line.length > 80), [])
  t.notMatch(stdout, '\u001b')
  t.match(stdout, /^heartbeat {2}True {5}/m)
  t.match(stdout, /Writes that changed nothing: 0\.\n$/)
})

t.test('who reads no further ends it, without a word', { buffered: true }, async t => {
  const demo = start('node $DEMO | head -3')
  const [stdout, stderr] = await Promise.all([text(demo.stdout), text(demo.stderr), once(demo, 'close')])
  t.equal(stdout.trimEnd().split('\n').length, 3)
  t.equal(stderr, '')
})

t.test('no process is left when it is killed', { buffered: true }, async t => {
  const demo = start('exec node $DEMO')
  const lines: string[] = []
  const ended = readLines(demo.stdout, line => lines.push(line))
  await until(() => lines.some(line => line.includes('adapter: sending')))
  const programs = childrenOf(demo.pid as number)
  t.equal(programs.length, 2, 'the hook and the adapter')
  demo.kill('SIGKILL')
  await ended
  await until(() => !programs.some(isRunning))
})
