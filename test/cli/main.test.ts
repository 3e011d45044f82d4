import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import t from 'tap'
import * as names from '../../src/samplesource/names.js'
import { requiredSpec } from '../samplesource/source.js'

/* The command of command.test.ts, as a process. */

const main = 'dist/cli.js'
/** For the coverage. */
const compiled = 'build/src/cli/main.js'

const command = (args: string[], input = '') =>
  spawnSync(process.execPath, [main, ...args], { input, encoding: 'utf8' })

const sources = (count: number) => Array.from({ length: count }, (_, index) =>
  `{apiVersion: ${names.apiVersion}, kind: ${names.kind}, metadata: {name: a-${index}}, spec: ${JSON.stringify(requiredSpec)}}`).join('\n---\n')

t.test('its output through a pipe is complete', async t => {
  const { status, stdout, stderr } = command(['render', '-f', '-'], sources(100))
  t.equal(stderr, '')
  t.equal(status, 0)
  t.equal(stdout.split('\n---\n').length, 300)
  t.ok(stdout.length > 128 * 1024, 'more than a pipe holds')
})

t.test('invalid input is a line on standard error', async t => {
  t.match(command([]), { status: 2, stdout: '', stderr: `${names.command}: expected the command render: see ${names.command} --help\n` })
})

t.test('it ends quietly when its reader stops', async t => {
  const file = `${t.testdir({ 'sources.yaml': sources(100), 'one-is-bad.yaml': `${sources(100)}\n---\n{kind: ${names.kind}}\n` })}/`
  for (const [name, exitCode] of [['sources.yaml', 0], ['one-is-bad.yaml', 1]] as const) {
    const child = spawn(process.execPath, [compiled, 'render', '-f', file + name], { stdio: ['ignore', 'pipe', 'pipe'] })
    const closed = once(child, 'close')
    const stderr = text(child.stderr)
    await once(child.stdout, 'readable')
    child.stdout.destroy()
    t.equal((await stderr).split('\n').filter(line => !line.includes(': apiVersion: ') && !line.includes(': metadata.name: ')).join(''), '')
    t.same(await closed, [exitCode, null])
  }
  const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stderr.destroy()
  t.same(await once(child, 'exit'), [2, null], 'nor does it need somebody who reads its errors')
})

t.test('a failed write is reported', async t => {
  const { status, stderr } = spawnSync(process.execPath, [compiled, '--help'], { stdio: ['ignore', openSync('package.json', 'r'), 'pipe'], encoding: 'utf8' })
  t.equal(stderr, `${names.command}: standard output: bad file descriptor\n`)
  t.equal(status, 2)
})
