import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { stringify } from 'yaml'
import * as names from '../../src/samplesource/names.js'
import { childrenOf, isRunning } from '../child-processes.js'
import { makeFolder } from '../folder.js'
import { picture } from '../demo/picture.js'
import { fakeHook } from '../harness/fake-hook.js'
import { requiredSpec } from '../samplesource/source.js'
import { until } from '../until.js'
import { helloWorldHook } from './examples/hello-world/hook.js'
import { sharedConfigMapHook } from './examples/shared-config-map/hook.js'

/* Runs the command as a process, as `npm run simulate` does after the build. */

t.jobs = 2

const folder = makeFolder(t, 'simulate')

const source = (sink: object) => ({ apiVersion: names.apiVersion, kind: names.kind, metadata: { name: 'heartbeat' }, spec: { ...requiredSpec, sink } })
const broker = { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', name: 'default' }

function file (name: string, ...objects: object[]): string {
  writeFileSync(join(folder, name), objects.map(object => stringify(object)).join('---\n'))
  return name
}

file('source.yaml', source({ ref: broker }))
file('change.yaml', source({ ref: { ...broker, name: 'other' } }))
file('invalid.yaml', source({ ref: 'default' }))
const examples = 'test/simulate/examples'
const example = (name: string) => `--controller "$EXAMPLES/${name}/controller.yaml" --crd "$EXAMPLES/${name}/crd.yaml"`

function start (args: string, { exec = 'exec ', env = {}, input = '' }: { exec?: string, env?: Record<string, string>, input?: string } = {}) {
  const child = spawn('sh', ['-c', `${exec}node $SIMULATE ${args}`], {
    // Variables that npm sets, and some that a shell may have set.
    env: { ...process.env, INIT_CWD: folder, EXAMPLES: join(process.cwd(), examples), SIMULATE: 'build/commands/simulate.js', PORT: 'tcp://10.0.0.1:80', LOG_LEVEL: 'silent', ...env },
    stdio: ['pipe', 'pipe', 'pipe']
  })
  t.teardown(() => child.kill('SIGKILL'))
  child.stdin.on('error', () => {}).end(input)
  return child
}

async function run (args: string, options = {}): Promise<{ stdout: string, stderr: string, code: number | null }> {
  const child = start(args, options)
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { stdout, stderr, code: code as number | null }
}

t.test('a source becomes Ready, and does so again after a change', { buffered: true }, async t => {
  const { stdout, stderr, code } = await run('-f source.yaml -f change.yaml')
  t.match({ stderr, code }, { stderr: '', code: 0 }, stdout)
  t.match(stdout, /^\$ kubectl apply -f source\.yaml\nNAME +READY +REASON +SINK +AGE\n[^]*^heartbeat {2}True [^]*^\$ kubectl apply -f change\.yaml\n[^]*^heartbeat {2}True {5}/m)
  t.match(stdout, new RegExp(`^${names.kind} default/heartbeat was Ready\\s+after\\s+\\d+ s\\s+in\\s+the\\s+cluster\\.$`, 'm'))
  t.match(stdout, new RegExp(`^ {3}${names.kind}: status \\d+ times$`, 'm'))
  t.match(stdout, /It came to rest: 10 more syncs wrote nothing\.\n$/)
  t.same(stdout.split('\n').filter(line => line.length > 80), [])
})

t.test('it prints what its documentation shows', { buffered: true }, async t => {
  const [, shown] = /(\$ kubectl apply -f manifests\/examples\n[^]*?)```/.exec(readFileSync('docs/simulate.md', 'utf8')) ?? []
  const { stdout } = await run('-f manifests/examples', { env: { INIT_CWD: process.cwd() } })
  // A source that was made has no picture, and may have longer names.
  if (existsSync(picture)) t.equal(stdout, shown)
  else t.match(stdout, 'It came to rest')
})

t.test('without its sink a source is not Ready; the output as JSON has a line for each step', { buffered: true }, async t => {
  const { stdout, code } = await run('-f - --sink none -o json', { input: JSON.stringify(source({ ref: broker })) })
  const lines = stdout.trimEnd().split('\n').map(line => JSON.parse(line))
  t.match(lines[0], { type: 'stage', stage: '-' })
  t.same(new Set(lines.map(({ type }) => type)), new Set(['stage', 'write', 'sync', 'event', 'summary']))
  t.match(lines.find(({ type, changed, subresource }) => type === 'write' && changed && subresource === 'status'), { manager: String, moves: [{ path: String }] })
  t.match(lines.at(-1), { type: 'summary', exit: 1, atRest: true, findings: [{ fault: 'not-ready', object: `${names.kind} default/heartbeat`, message: /default/ }], parents: [{ ready: 'False' }] })
  t.equal(code, 1)
})

t.test('a refusal by the API server is in its own words', { buffered: true }, async t => {
  const { stdout, code } = await run('-f invalid.yaml')
  t.match(stdout.replaceAll(/\s+/g, ' '), /Fault: refused: \S+ default\/heartbeat in invalid\.yaml is refused by the API server: .*spec\.sink\.ref.* Not everything was applied\. See the faults above\. $/)
  t.equal(code, 1)
})

t.test('a hook like Metacontroller\'s globalconfigmap comes to rest, also when the ConfigMap that it copies changes', { buffered: true }, async t => {
  const { url } = await fakeHook(t, sharedConfigMapHook)
  const { stdout, stderr, code } = await run(`-f "$EXAMPLES/shared-config-map/parent.yaml" -f "$EXAMPLES/shared-config-map/change.yaml" ${example('shared-config-map')} --hook ${url}`)
  t.match({ stderr, code }, { stderr: '', code: 0 }, stdout)
  for (const line of ['   created ConfigMap blue/settings', '   created ConfigMap red/settings', '   updated ConfigMap red/settings', '   ConfigMap: created 2 times, updated 2 times']) t.match(stdout, `\n${line}\n`)
  t.match(stdout.replaceAll(/\s+/g, ' '), 'Note: SharedConfigMap settings has no condition Ready: only checked that it comes to rest')
})

t.test('a hook like its hello world, with a greeting that is never the same, is reported', { buffered: true }, async t => {
  let greetings = 0
  const { url } = await fakeHook(t, helloWorldHook(who => `Hello, ${who}, for the ${++greetings}th time`))
  const { stdout, code } = await run(`-f "$EXAMPLES/hello-world/greeting.yaml" ${example('hello-world')} --hook ${url} --max-syncs 40`)
  t.match(stdout.replaceAll(/\s+/g, ' '), /Fault: delete-and-create: Pod default\/hello is deleted and created again: a field changes spec\.containers\[0\]\.command\[1\]: was "Hello, world, for the \d+th time", is "Hello, world, for the \d+th time" Fault: moving-status: Greeting default\/hello .* status\.pods: was [01], is [01] It did not come to rest\./)
  t.equal(code, 1)
})

t.test('the same hook without this fault comes to rest', { buffered: true }, async t => {
  const { url } = await fakeHook(t, helloWorldHook(who => `Hello, ${who}`))
  const { stdout, code } = await run(`-f "$EXAMPLES/hello-world/greeting.yaml" -f "$EXAMPLES/hello-world/change.yaml" ${example('hello-world')} --hook ${url}`)
  t.equal(code, 0, stdout)
  t.match(stdout, /\n {3}Pod: created 2 times, deleted once\n/)
})

t.test('it ends quietly when its reader does', { buffered: true }, async t => {
  const child = start('-f source.yaml | head -1', { exec: '' })
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  t.match({ stdout, stderr }, { stdout: '$ kubectl apply -f source.yaml\n', stderr: '' })
})

t.test('output that cannot be written is not success', { buffered: true }, async t => {
  t.match(await run('-f source.yaml > /dev/full'), { code: 2, stderr: 'simulate: standard output: no space left on device\n' })
})

t.test('it ends with a line when its hook is killed', { buffered: true }, async t => {
  const child = start('-f source.yaml')
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)]
  const hook = () => childrenOf(child.pid as number, 'dist/main.js')[0]
  await until(hook)
  process.kill(hook() as number, 'SIGKILL')
  t.same(await once(child, 'exit'), [2, null])
  t.match(await stderr, /^simulate: the hook (of this project did not start: the hook )?ended with SIGKILL\n$/)
  t.notMatch(await stdout, 'It came to rest')
})

t.test('it leaves no process when it is killed', { buffered: true }, async t => {
  const child = start('-f source.yaml')
  const closed = once(child, 'close')
  let hook: number | undefined
  await until(() => {
    [hook] = childrenOf(child.pid as number, 'dist/main.js')
    return hook !== undefined || child.exitCode !== null
  })
  child.kill('SIGKILL')
  await closed
  t.ok(hook, 'it has started a hook')
  await until(() => !isRunning(hook as number))
})

const mistakes: Array<[args: string, message: RegExp]> = [
  ['', /^simulate: expected -f FILE: see --help$/],
  [`-f "$EXAMPLES/hello-world/greeting.yaml" ${example('hello-world')}`, /^simulate: --hook URL is required/]
]
t.test('a usage error is one line, with exit code 2', { buffered: true }, async t => {
  for (const [args, message] of mistakes) {
    const { stdout, stderr, code } = await run(args)
    t.match({ stdout, code }, { stdout: '', code: 2 })
    t.match(stderr.trimEnd(), message)
    t.equal(stderr.split('\n').length, 2, stderr)
  }
})
