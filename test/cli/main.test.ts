import { spawnSync } from 'node:child_process'
import t from 'tap'
import * as names from '../../src/samplesource/names.js'
import { requiredSpec } from '../samplesource/source.js'

/* What command.test.ts tests, as a process. */

const command = (args: string[], input = '') =>
  spawnSync(process.execPath, ['build/src/cli/main.js', ...args], { input, encoding: 'utf8' })

t.test('what it prints is whole, and it is read through a pipe', async t => {
  const sources = Array.from({ length: 100 }, (_, index) =>
    `{apiVersion: ${names.apiVersion}, kind: ${names.kind}, metadata: {name: a-${index}}, spec: ${JSON.stringify(requiredSpec)}}`)
  const { status, stdout, stderr } = command(['render', '-f', '-'], sources.join('\n---\n'))
  t.equal(stderr, '')
  t.equal(status, 0)
  t.equal(stdout.split('\n---\n').length, 300)
  t.ok(stdout.length > 128 * 1024, 'more than a pipe holds')
})

t.test('what cannot be understood is a line of standard error', async t => {
  t.match(command([]), { status: 2, stdout: '', stderr: `${names.command}: expected the command render: see ${names.command} --help\n` })
})
