import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { childrenOf, isRunning } from '../child-processes.js'
import { readLines } from '../log-lines.js'
import { until } from '../until.js'
import { drawStory, picture, storyOf } from './picture.js'

/* Runs the demo as a process, as `npm run demo` does after the build. */

t.jobs = 3

/** Starts the demo in a shell. */
function start (command: string, env: Record<string, string> = {}) {
  const demo = spawn('sh', ['-c', command], { env: { ...process.env, ...env, DEMO: 'build/commands/demo.js' }, stdio: ['ignore', 'pipe', 'pipe'] })
  t.teardown(() => demo.kill('SIGKILL'))
  return demo
}

t.test('it runs to its end whatever the shell has set; in a pipe it prints no colours, and lines of at most 80 characters', { buffered: true }, async t => {
  const demo = start('exec node $DEMO', { LOG_LEVEL: 'silent', PORT: 'tcp://10.0.0.1:80', INTERVAL: 'x', K_SINK: 'x' })
  const [stdout, stderr, [code]] = await Promise.all([text(demo.stdout), text(demo.stderr), once(demo, 'close')])
  t.match({ code, stderr }, { code: 0, stderr: '' })
  t.same(stdout.split('\n').filter(line => line.length > 80), [])
  t.notMatch(stdout, '\u001b')
  t.match(stdout, /^heartbeat {2}True {5}/m)
  t.match(stdout, /Writes that changed nothing: 0\.\n$/)
  const ports = /127\.0\.0\.1:\d+/g
  const [, beginning] = /it begins like this:\n\n```\n([^]*?)```/.exec(readFileSync('README.md', 'utf8')) ?? []
  // A source that was made may have another README, and has no picture.
  if (existsSync(picture)) t.match(stdout.replaceAll(ports, 'HERE'), `\n\n${beginning?.replaceAll(ports, 'HERE')}`)
  if (existsSync(picture)) t.equal(drawStory(storyOf(stdout)), readFileSync(picture, 'utf8'), `${picture} shows it: \`npm run pictures\` draws it anew`)
})

t.test('the picture has the same story, whenever an event is delivered, and whatever the ports, ids and times are', async t => {
  const logs = '$ kubectl logs --follow deployment/x-…\n'
  const delivered = '   adapter: event delivered\n'
  const story = ['$ kubectl get a', 'x  True  http://127.0.0.1:43707', '', logs.trimEnd(), delivered.trimEnd(), '', '$ c', '   0 writes']
  const output = (before: string, after: string, later: string) => `The hook at http://127.0.0.1:1\n\n$ kubectl get a\nx  True  http://127.0.0.1:40000\n${before}\n${logs}${after}\n$ c\n${later}   0 writes\n`
  t.strictSame(storyOf(output('', delivered, '')), story)
  t.strictSame(storyOf(output('', delivered, delivered + delivered)), story)
  t.strictSame(storyOf(output(delivered, '', '')), story)
  const skipped = '   adapter: ticks skipped: sending takes longer than the interval\n'
  t.strictSame(storyOf(output(skipped, delivered + skipped, skipped)), story)
  t.notMatch(storyOf(output('', '', '')).join('\n'), 'delivered')
  const event = (id: string, time: string, sequence: number) => `\n$ a\nid: ${id}-8f76-4e82-84cf-69b4b5b49d54\ntime: ${time}\n"sequence": ${sequence}\n`
  t.strictSame(storyOf(event('e5548a28', '2026-11-23T13:47:05.282Z', 0)), storyOf(event('abcdef01', '2027-01-01T01:01:01.1Z', 7)))
})

t.test('the picture: a line each, READY in the colours of a terminal, and nothing of it is taken for markup', async t => {
  const svg = drawStory(['$ a', 'x  True     b', 'x  Unknown  <&>', '', '$ True  x'])
  t.equal(svg.match(/<text[^>]* y=/g)?.length, 5, 'with its title')
  t.match(svg, '<text y="35">x  <tspan class="green">True</tspan>     b</text>')
  t.match(svg, '<tspan class="yellow">Unknown</tspan>  &#60;&#38;&#62;</text>')
  t.match(svg, '<text class="command" y="95">$ True  x</text>')
})

for (const [name, program] of Object.entries({ hook: 'dist/main.js', adapter: 'dist/adapter/main.js' })) {
  t.test(`it ends with a line when its ${name} is killed`, { buffered: true }, async t => {
    const demo = start('exec node $DEMO')
    const lines: string[] = []
    const [stderr, ended] = [text(demo.stderr), readLines(demo.stdout, line => lines.push(line))]
    await until(() => lines.some(line => line.includes('adapter: sending')))
    process.kill(childrenOf(demo.pid as number, program)[0] as number, 'SIGKILL')
    t.same(await once(demo, 'exit'), [1, null])
    await ended
    t.equal(await stderr, `demo: the ${name} ended with SIGKILL\n`)
  })
}

t.test('it ends quietly when its reader does', { buffered: true }, async t => {
  const demo = start('node $DEMO | head -3')
  const [stdout, stderr] = await Promise.all([text(demo.stdout), text(demo.stderr), once(demo, 'close')])
  t.equal(stdout.trimEnd().split('\n').length, 3)
  t.equal(stderr, '')
})

t.test('it leaves no process when it is killed', { buffered: true }, async t => {
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
