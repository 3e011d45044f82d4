import { spawnSync } from 'node:child_process'
import t from 'tap'

/* What command.test.ts tests, as a process. */

const samplesource = (args: string[], input = '') =>
  spawnSync(process.execPath, ['--import=tsx', 'src/cli/main.ts', ...args], { input, encoding: 'utf8' })

t.test('what it prints is whole, and it is read through a pipe', async t => {
  const sources = Array.from({ length: 100 }, (_, index) =>
    `{apiVersion: samples.knative.dev/v1alpha1, kind: SampleSource, metadata: {name: a-${index}}, spec: {sink: {uri: "http://a"}}}`)
  const { status, stdout, stderr } = samplesource(['render', '-f', '-'], sources.join('\n---\n'))
  t.equal(stderr, '')
  t.equal(status, 0)
  t.equal(stdout.split('\n---\n').length, 300)
  t.ok(stdout.length > 128 * 1024, 'more than a pipe holds')
})

t.test('what cannot be understood is a line of standard error', async t => {
  t.match(samplesource([]), { status: 2, stdout: '', stderr: 'samplesource: expected the command render: see samplesource --help\n' })
})
