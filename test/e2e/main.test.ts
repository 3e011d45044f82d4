import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import * as names from '../../src/samplesource/names.js'
import { endsWithParent } from '../program.js'
import { list, stubCommands, type Answer } from './stub.js'

/* The script as a process, with a stub for kubectl on the PATH. */

/** Starts the script. */
function start (env: Record<string, string> = {}, ...args: string[]) {
  const child = spawn(process.execPath, [endsWithParent, 'build/commands/e2e.js', ...args], { env: { ...process.env, HOOK_URL: '', ...env } })
  return {
    child,
    ended: Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(([[code], stdout, stderr]) => ({ code: code as number, stdout, stderr }))
  }
}

const crd = (name: string, version: string, schema = {}) => ({ kind: 'CustomResourceDefinition', metadata: { name }, spec: { versions: [{ name: version, served: true, schema }] } })

/** A control plane on which nothing can be created, unless one of the given answers says otherwise. */
function controlPlane (...before: Answer[]): Answer[] {
  return [
    ...before,
    { args: 'config current-context', stdout: 'samples\n' },
    ...[
      { args: 'version *', stdout: { serverVersion: { gitVersion: 'v1.34.1' } } },
      {
        args: 'get customresourcedefinitions.apiextensions.k8s.io --show-managed-fields *',
        stdout: list(
          crd('compositecontrollers.metacontroller.k8s.io', 'v1alpha1', { openAPIV3Schema: { properties: { spec: { properties: { endpointConfigs: {} } } } } }),
          crd('sinkbindings.sources.knative.dev', 'v1'))
      },
      { args: 'auth can-i *', stdout: 'yes\n' },
      // Gone once it is deleted.
      { args: 'get namespaces --selector *', shell: `if grep -q "delete namespaces" "$(dirname "$0")/../calls"; then echo '${JSON.stringify(list())}'; else echo '${JSON.stringify(list({ metadata: { name: 'made' } }))}'; fi` },
      { args: 'get clusterroles* --selector *', stdout: list({ metadata: { name: 'role' } }) },
      { args: 'get compositecontrollers* --selector *', stdout: list({ metadata: { name: 'controller' } }) },
      { args: 'get customresourcedefinitions* --selector *', stdout: list({ metadata: { name: 'crd' } }) },
      { args: 'get deployments.apps eventing-webhook *' },
      { args: 'get customresourcedefinitions.apiextensions.k8s.io crd *' },
      { args: 'get events *', stdout: 'LAST SEEN   TYPE\n1s          Warning SyncError\n' },
      { args: 'get *', stdout: list() },
      { args: 'delete *' },
      { args: 'create *', code: 1, stderr: 'Error from server (Forbidden): quota\n' }
    ].map(answer => ({ ...answer, args: `--context samples ${answer.args}` }))
  ]
}

const hook = { HOOK_URL: 'http://127.0.0.1:8471' }

/** The deletions in order: everything that the script created. */
const deletions = ['compositecontrollers.metacontroller.k8s.io controller', 'clusterroles.rbac.authorization.k8s.io role', 'customresourcedefinitions.apiextensions.k8s.io crd', 'namespaces made']

const deleted = (calls: string[]) => calls.flatMap(call => / delete (\S+ \S+)/.exec(call)?.[1] ?? [])

t.test('the help, and usage errors', async t => {
  t.match(await start({}, '--help').ended, { code: 0, stdout: /^Usage: npm run e2e/, stderr: '' })
  t.match(await start({ HOOK_URL: 'x' }, '--level', 'half').ended, { code: 2, stdout: '', stderr: /^HOOK_URL must be .*\n--level must be .*\n$/ })
})

t.test('if something is missing, it ends before it creates anything', async t => {
  const { calls } = stubCommands(t, { kubectl: controlPlane() })
  t.match(await start().ended, { code: 2, stdout: '', stderr: /^HOOK_URL is not set .*\n$/ })
  t.notOk(calls().some(call => /create -|delete/.test(call)))
})

t.test('a failed step prints what was expected and seen, and everything is removed', async t => {
  const { calls } = stubCommands(t, { kubectl: controlPlane() })
  const { code, stdout, stderr } = await start(hook).ended
  t.equal(code, 1)
  t.match(stdout, /^Kubernetes {6}v1\.34\.1, context samples, no node is ready\n[^]*\n 1\/\d+ a namespace for this run … FAILED after \d+\.\d s\ncleaning up … \d+\.\d s\n$/)
  t.match(stderr, /\nExpected:\n {2}a command that exits with 0\n\nSeen:\n {2}kubectl .*Forbidden.*\n\nObjects:\n {2}none\n\nEvents:\n {2}LAST SEEN {3}TYPE\n {2}1s {10}Warning SyncError\n/)
  t.strictSame(deleted(calls()), deletions)
  const [, selector] = new RegExp(`--selector (${names.group}/e2e=[0-9a-f]{6}) `).exec(calls().join('\n')) ?? []
  t.ok(calls().filter(call => call.includes(' --selector ')).every(call => call.includes(` ${selector} `)), 'only objects with the label of the run')
})

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
  t.test(`${signal} in the middle of a step: everything is removed`, async t => {
    const { calls } = stubCommands(t, { kubectl: controlPlane({ args: '--context samples create *', shell: 'exec sleep 60' }) })
    const { child, ended } = start(hook)
    await untilCalled(t, calls, / create --/)
    child.kill(signal)
    const { code: ending, stdout, stderr } = await ended
    t.equal(ending, code)
    t.match(stdout, /… interrupted after \d+\.\d s\ncleaning up … \d+\.\d s\n$/)
    t.equal(stderr, '')
    t.strictSame(deleted(calls()), deletions)
  })
}

t.test('a second Ctrl-C does not stop the cleanup, and is answered once, on a separate line', async t => {
  const gate = join(t.testdir(), 'gate')
  const { calls } = stubCommands(t, { kubectl: controlPlane({ args: '--context samples create *', shell: 'exec sleep 60' }, { args: '--context samples delete compositecontrollers*', shell: `until [ -e '${gate}' ] || ! kill -0 $PPID; do sleep 0.1; done` }) })
  const { child, ended } = start(hook)
  await untilCalled(t, calls, / create --/)
  child.kill('SIGINT')
  await untilCalled(t, calls, / delete compositecontrollers/)
  await sleep(1_100)
  const answer = once(child.stdout, 'data')
  child.kill('SIGINT')
  await answer
  // As under npm: once from the terminal, and once more from npm.
  child.kill('SIGINT')
  writeFileSync(gate, '')
  t.match(await ended, { code: 130, stdout: /\ncleaning up … \nstill cleaning up\n\d+\.\d s\n$/ })
  t.strictSame(deleted(calls()), deletions)
})

t.test('the preflight can be interrupted', async t => {
  const { calls } = stubCommands(t, { kubectl: controlPlane({ args: '--context samples version *', shell: 'exec sleep 60' }) })
  const { child, ended } = start(hook)
  await untilCalled(t, calls, / version /)
  child.kill('SIGTERM')
  t.match(await ended, { code: 143, stdout: '', stderr: '' })
})

t.test('objects that could not be removed are reported', async t => {
  const { calls } = stubCommands(t, { kubectl: controlPlane({ args: '--context samples delete clusterroles*', code: 1, stderr: 'Error from server (Forbidden)\n' }) })
  t.match(await start(hook).ended, { code: 1, stderr: new RegExp(`\ncould not be removed: objects with the label ${names.group}/e2e=\\w+ \\(npm run e2e -- --clean tries again\\): kubectl .*Forbidden`) })
  t.ok(calls().length > 0)
})

t.test('the CRD stays if others created sources meanwhile', async t => {
  const theirs = { metadata: { name: 'theirs', namespace: 'other' } }
  const { calls } = stubCommands(t, { kubectl: controlPlane({ args: `--context samples get ${names.plural}.${names.group} --all-namespaces *`, stdout: list(theirs) }) })
  t.match(await start(hook).ended, { code: 1, stdout: new RegExp(`the CustomResourceDefinition of ${names.kind} stays: somebody created other/theirs meanwhile`) })
  t.strictSame(deleted(calls()), deletions.filter(deletion => !deletion.startsWith('customresourcedefinitions')))
})

t.test('--clean removes what any run left behind', async t => {
  const { calls } = stubCommands(t, { kubectl: controlPlane().map(answer => ({ ...answer, args: answer.args.replace('--context samples ', '') })) })
  t.match(await start({}, '--clean').ended, { code: 0, stdout: 'nothing of earlier runs is left\n', stderr: '' })
  t.strictSame(deleted(calls()), deletions)
  t.ok(calls().some(call => call.includes(` --selector ${names.group}/e2e `)))
})

async function untilCalled (t: Test, calls: () => string[], pattern: RegExp): Promise<void> {
  while (!calls().some(call => pattern.test(call))) await new Promise(resolve => setTimeout(resolve, 50))
  t.pass(`${pattern}`)
}
