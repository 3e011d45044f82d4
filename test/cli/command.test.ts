import { Readable } from 'node:stream'
import { parseAllDocuments, stringify } from 'yaml'
import t, { type Test } from 'tap'
import * as names from '../../src/samplesource/names.js'
import { run } from '../../src/cli/command.js'
import { childName } from '../../src/knative/child-name.js'
import { fixtureEnvironment, readFixture } from '../fixtures.js'
import { requiredSpec } from '../samplesource/source.js'

/** Runs the command in this process. */
async function command (args: string[], { input = '', env = {} } = {}) {
  return await run(args, { env: { ...process.env, ...env }, stdin: Readable.from([input]) })
}

const documentsOf = (yaml: string): any[] => parseAllDocuments(yaml).map(document => document.toJS())
const namesOf = (objects: any[]) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)

/** A file with the documents of a fixture. */
function filesOf (t: Test, name: string) {
  const { request, response } = readFixture(name)
  const observed = Object.values<any>(request.children).flatMap(group => Object.values<any>(group))
  const dir = t.testdir({
    'source.yaml': stringify(request.parent),
    'children.yaml': stringify({ apiVersion: 'v1', kind: 'List', items: observed })
  })
  return { source: `${dir}/source.yaml`, children: `${dir}/children.yaml`, request, response }
}

t.test('renders a source that has not been applied yet', async t => {
  const { exitCode, stdout, stderr } = await command(['render', '-f', `manifests/examples/${names.singular}.yaml`, '--image', 'adapter:2'])
  t.equal(exitCode, 0)
  t.equal(stderr, '')
  const [source, deployment, sinkBinding, ...others] = documentsOf(stdout)
  t.same(others, [])
  t.match(source, { kind: names.kind, metadata: { name: 'heartbeat', namespace: 'default' }, status: { observedGeneration: 1 } })
  t.match(deployment, { kind: 'Deployment', spec: { template: { spec: { containers: [{ image: 'adapter:2' }] } } } })
  t.match(sinkBinding, { kind: 'SinkBinding' })
})

t.test('renders an observed source exactly as the hook answers it', async t => {
  const { source, children, response } = filesOf(t, 'ready')
  const { exitCode, stdout } = await command(['render', '--filename', source, '--observed', children, '-o', 'json'],
    { env: fixtureEnvironment() })
  t.equal(exitCode, 0)
  const { kind, items: [first, ...rest] } = JSON.parse(stdout)
  t.equal(kind, 'List')
  t.same(first.status, response.status)
  t.same(rest, response.children)
})

t.test('without an image that of the observed adapter is taken', async t => {
  const { source, children, response } = filesOf(t, 'ready')
  const { RECEIVE_ADAPTER_IMAGE: image, ...env } = fixtureEnvironment()
  const { stdout } = await command(['render', '-f', source, '--observed', children], { env })
  const [first, ...rest] = documentsOf(stdout)
  t.same(first.status, response.status)
  t.same(rest, response.children)
  const other = await command(['render', '-f', source, '--observed', children, '--image', 'adapter:2'], { env })
  const [{ status }, deployment] = documentsOf(other.stdout)
  t.match(status.conditions.find(({ type }: { type: string }) => type === 'Deployed'), { reason: 'DeploymentUpdating' })
  t.match(deployment, { spec: { template: { spec: { containers: [{ image: 'adapter:2' }] } } } })
})

t.test('an invalid spec: its children stay, each problem is a line, exit code 1', async t => {
  const { source, children, request, response } = filesOf(t, 'invalid-spec')
  const { exitCode, stdout, stderr } = await command(['render', '-f', source, '--observed', children])
  t.equal(exitCode, 1)
  t.same(documentsOf(stdout).slice(1), response.children)
  const { message } = response.status.conditions.find(({ type }: { type: string }) => type === 'SpecValid')
  t.match(message, /^spec\.\S+: expected /)
  t.equal(stderr, `${names.kind} ${request.parent.metadata.name}: ${message}\n`)
})

t.test('several documents from standard input; the others are passed over with a note', async t => {
  const input = [
    'kind: ConfigMap\nmetadata: {name: settings}',
    '',
    'just text',
    `kind: ${names.kind}\napiVersion: ${names.apiVersion}\nmetadata: {name: a}\nspec: ${JSON.stringify(requiredSpec)}`,
    `kind: List\nitems: [{kind: ${names.kind}, apiVersion: ${names.apiVersion}, metadata: {name: b, namespace: n}, spec: ${JSON.stringify({ ...requiredSpec, sink: undefined })}}]`,
    `kind: ${names.kind}\napiVersion: ${names.group}/v1\nmetadata: {name: C}`,
    `kind: ${names.kind}\napiVersion: ${names.apiVersion}`
  ].join('\n---\n')
  const { exitCode, stdout, stderr } = await command(['render', '-f', '-'], { input })
  t.equal(exitCode, 1)
  // It has no uid before it is applied.
  const child = childName(`${names.childNamePrefix}a-`, '00000000-0000-0000-0000-000000000000')
  t.same(namesOf(documentsOf(stdout)), [`${names.kind} a`, `Deployment ${child}`, `SinkBinding ${child}`, `${names.kind} b`])
  t.same(stderr.trim().split('\n').map(line => line.replace(/string to match.*, got/, 'a name, got')), [
    'passed over: ConfigMap settings',
    'passed over: a document without kind',
    `${names.kind} b: spec.sink: required`,
    `${names.kind} C: apiVersion: expected '${names.apiVersion}', got "${names.group}/v1"`,
    `${names.kind} C: metadata.name: expected a name, got "C"`,
    `${names.kind}: metadata.name: required`
  ])
})

t.test('a child of another source is not taken for one of this', async t => {
  const { source, request } = filesOf(t, 'invalid-spec')
  const [child] = Object.values<any>(request.children['Deployment.apps/v1'])
  const byHand = structuredClone(child)
  delete byHand.metadata.ownerReferences
  child.metadata.ownerReferences[0].uid = 'another'
  const input = [child, byHand, 'text'].map(document => stringify(document)).join('---\n')
  t.same(namesOf(documentsOf((await command(['render', '-f', source, '--observed', '-'], { input })).stdout)),
    [`${names.kind} ${request.parent.metadata.name}`, `Deployment ${byHand.metadata.name}`])
})

t.test('a variable that is empty counts as one that is not set', async t => {
  const { source } = filesOf(t, 'create')
  const args = ['render', '-f', source, '-o', 'json']
  const empty = { RECEIVE_ADAPTER_IMAGE: '', RECEIVE_ADAPTER_ARGS: '', RECEIVE_ADAPTER_RESOURCES: '' }
  const childrenOf = ({ stdout }: { stdout: string }) => (JSON.parse(stdout) as { items: object[] }).items.slice(1)
  t.same(childrenOf(await command(args, { env: empty })), childrenOf(await command(args)))
})

t.test('--help', async t => {
  const { exitCode, stdout } = await command(['--help'])
  t.equal(exitCode, 0)
  t.ok(stdout.startsWith(`Usage: ${names.command} render -f FILE`))
})

t.test('what cannot be understood: one line, exit code 2', async t => {
  const table: Array<[string[], string | RegExp]> = [
    [[], `${names.command}: expected the command render: see ${names.command} --help\n`],
    [['render'], `${names.command}: expected -f FILE: see ${names.command} --help\n`],
    [['render', '-f', '-', '-o', 'xml'], `${names.command}: expected -o yaml or -o json, got xml\n`],
    [['render', '-f', 'none.yaml'], new RegExp(`^${names.command}: ENOENT.*none.yaml'\n$`)],
    [['render', '--file', 'x'], new RegExp(`^${names.command}: Unknown option '--file'`)],
    [['render', '-f', '-', '--image', ''], `${names.command}: RECEIVE_ADAPTER_IMAGE: required\n`]
  ]
  for (const [args, message] of table) {
    const { exitCode, stdout, stderr } = await command(args)
    t.equal(exitCode, 2)
    t.equal(stdout, '')
    t.match(stderr, message)
  }
  const { exitCode, stderr } = await command(['render', '-f', '-'], { input: 'a: [' })
  t.equal(exitCode, 2)
  t.match(stderr, new RegExp(`^${names.command}: -: .* at line 1, column`))
  t.match(await command(['render', '-f', '-'], { input: '# nothing\n' }), { exitCode: 1, stderr: `no ${names.kind} found\n` })
})
