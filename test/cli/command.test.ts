import { readFileSync, symlinkSync } from 'node:fs'
import { Readable } from 'node:stream'
import { parseAllDocuments, stringify } from 'yaml'
import t, { type Test } from 'tap'
import * as names from '../../src/samplesource/names.js'
import { run } from '../../src/cli/command.js'
import { childName } from '../../src/knative/child-name.js'
import { fixtureEnvironment, readFixture } from '../fixtures.js'
import { defaults, requiredSpec } from '../samplesource/source.js'
import { tooWide } from '../story/too-wide.js'

/** Runs the command in this process. */
async function command (args: string[], { input = '' as string | Buffer, env = {} } = {}) {
  return await run(args, { env: { ...process.env, ...env }, stdin: Readable.from([input], { objectMode: false }) })
}

const documentsOf = (yaml: string): any[] => parseAllDocuments(yaml).map(document => document.toJS())
const namesOf = (objects: any[]) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)

const header = `apiVersion: ${names.apiVersion}\nkind: ${names.kind}\n`

/** A source as YAML with this beginning, and the required spec. */
const sourceText = (name: string, more = '') => `${header}metadata: {name: ${name}}\nspec: ${JSON.stringify(requiredSpec)}\n${more}`

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
  t.equal(stderr, '')
  t.equal(exitCode, 0)
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

t.test('without an image, it uses the image of the observed adapter', async t => {
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
  t.equal(stderr, `${source}: ${names.kind} ${request.parent.metadata.name}: ${message}\n`)
})

t.test('several documents from standard input; other kinds are skipped with a note', async t => {
  const input = [
    'kind: ConfigMap\nmetadata: {name: settings}',
    '',
    'just text',
    `kind: ${names.kind}\napiVersion: ${names.apiVersion}\nmetadata: {name: a}\nspec: ${JSON.stringify(requiredSpec)}`,
    `kind: List\nitems: [{kind: ${names.kind}, apiVersion: ${names.apiVersion}, metadata: {name: b, namespace: other}, spec: ${JSON.stringify({ ...requiredSpec, sink: undefined })}}]`,
    `kind: ${names.kind}\napiVersion: ${names.group}/v1\nmetadata: {name: C}`,
    `kind: ${names.kind}\napiVersion: ${names.apiVersion}`
  ].join('\n---\n')
  const { exitCode, stdout, stderr } = await command(['render', '-f', '-'], { input })
  t.equal(exitCode, 1)
  // It has no uid before it is applied.
  const child = childName(`${names.childNamePrefix}a-`, '00000000-0000-0000-0000-000000000000')
  t.same(namesOf(documentsOf(stdout)), [`${names.kind} a`, `Deployment ${child}`, `SinkBinding ${child}`, `${names.kind} b`])
  t.same(stderr.trim().split('\n').map(line => line.replace(/string to match.*, got/, 'a name, got')), [
    'ConfigMap settings: ignored',
    'a document without kind: ignored',
    `${names.kind} b: spec.sink: required`,
    `${names.kind} C: apiVersion: expected "${names.apiVersion}", got "${names.group}/v1"`,
    `${names.kind} C: metadata.name: expected a name, got "C"`,
    `${names.kind}: metadata.name: required`
  ].map(line => `standard input: ${line}`))
})

t.test('a child of another source is not used', async t => {
  const { source, request } = filesOf(t, 'invalid-spec')
  const [child] = Object.values<any>(request.children['Deployment.apps/v1'])
  const byHand = structuredClone(child)
  delete byHand.metadata.ownerReferences
  child.metadata.ownerReferences[0].uid = 'another'
  const input = [child, byHand, 'text'].map(document => stringify(document)).join('---\n')
  t.same(namesOf(documentsOf((await command(['render', '-f', source, '--observed', '-'], { input })).stdout)),
    [`${names.kind} ${request.parent.metadata.name}`, `Deployment ${byHand.metadata.name}`])
})

t.test('a child of a stored source with this name is not used, and a note says so', async t => {
  const { source, children } = filesOf(t, 'ready')
  const { metadata: { uid, ...metadata }, ...parent } = parseAllDocuments(readFileSync(source, 'utf8'))[0]!.toJS()
  const { exitCode, stdout, stderr } = await command(['render', '-f', '-', '--observed', children, '--observed', source], { input: stringify({ ...parent, metadata }) })
  t.equal(exitCode, 0)
  t.match(stderr, `${source}: ${names.kind} ${metadata.name}: ignored\n`)
  t.match(stderr, new RegExp(`\\nstandard input: ${names.kind} ${metadata.name}: ignored the observed \\w+ \\S+, whose owner has this name and a uid: render the source that kubectl get prints\\n$`))
  t.match(documentsOf(stdout)[1], { spec: { replicas: 0 } })
})

t.test('metadata is printed as it is stored, except for managed fields', async t => {
  const metadata = { labels: { 'example.org/a': '1.e3' }, name: 'a', annotations: { 'example.org/B': 'no' }, finalizers: ['example.org/f'], managedFields: [{ manager: 'm' }] }
  const input = JSON.stringify({ apiVersion: names.apiVersion, kind: names.kind, metadata, spec: requiredSpec })
  const { exitCode, stdout, stderr } = await command(['render', '-f', '-'], { input })
  t.match({ exitCode, stderr }, { exitCode: 0, stderr: '' })
  const { managedFields, ...stored } = metadata
  t.strictSame(documentsOf(stdout)[0].metadata, { ...stored, namespace: 'default' })
})

t.test('metadata that the API server refuses is a problem', async t => {
  const metadata = { name: 'a', labels: { '-a': 'b c', ok: '' }, annotations: { 'a b': '' }, finalizers: ['x y'], ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'a' }] }
  const { exitCode, stdout, stderr } = await command(['render', '-f', '-'], { input: JSON.stringify({ apiVersion: names.apiVersion, kind: names.kind, metadata, spec: requiredSpec }) })
  t.match({ exitCode, stdout }, { exitCode: 1, stdout: '' })
  t.same(stderr.trim().split('\n').map(line => line.replace(/: [^:]* letters, .*/, '')), [
    'labels: Invalid value: "-a"', 'labels: Invalid value: "b c"', 'annotations: Invalid value: "a b"', 'finalizers: Invalid value: "x y"',
    'ownerReferences[0].uid: Required value: must not be empty'
  ].map(problem => `standard input: ${names.kind} a: metadata.${problem}`))
})

t.test('what is rendered for a source that is not applied does not depend on the time', async t => {
  const { stdout } = await command(['render', '-f', '-', '-o', 'json'], { input: sourceText('a') })
  const [{ status }] = JSON.parse(stdout).items
  t.same([...new Set(status.conditions.map(({ lastTransitionTime }: { lastTransitionTime: string }) => lastTransitionTime))], ['1970-01-01T00:00:00Z'])
})

t.test('metadata that is no object is a problem', async t => {
  for (const metadata of ['x', 5, []]) {
    const { exitCode, stderr } = await command(['render', '-f', '-'], { input: JSON.stringify({ apiVersion: names.apiVersion, kind: names.kind, metadata, spec: requiredSpec }) })
    t.equal(exitCode, 1)
    t.match(stderr, /: metadata: expected object, got ("x"|5|an array)\n$/)
  }
})

t.test('what is empty in the metadata has the right type all the same', async t => {
  const metadata = { name: 'a', uid: '', labels: [], annotations: '', finalizers: {} }
  const { exitCode, stderr } = await command(['render', '-f', '-'], { input: JSON.stringify({ apiVersion: names.apiVersion, kind: names.kind, metadata, spec: requiredSpec }) })
  t.equal(exitCode, 1)
  t.same(stderr.trim().split('\n').map(line => line.split(': metadata.')[1]), ['labels: expected object, got an array', 'annotations: expected object, got ""', 'finalizers: expected array, got an object'])
})

t.test('an empty namespace counts as none', async t => {
  const { stdout, stderr } = await command(['render', '-f', '-'], { input: `${header}metadata: {name: a, namespace: ""}\nspec: ${JSON.stringify(requiredSpec)}` })
  t.equal(stderr, '')
  t.equal(documentsOf(stdout)[0].metadata.namespace, 'default')
})

t.test('nothing that a terminal obeys or hides is printed', async t => {
  const odd = '\u009b31m\u202e\u007f'
  const written = '\\u009b31m\\u202e\\u007f'
  const source = (metadata: object, more = {}) => JSON.stringify({ apiVersion: names.apiVersion, kind: names.kind, metadata, spec: { ...requiredSpec, interval: odd }, ...more })
  const escaped = source({ name: 'a' }, { [odd]: 1 }) + source({ name: `b${odd}` }) + source({ name: 'c' }) + JSON.stringify({ kind: odd, metadata: { name: odd } })
  // YAML does not allow them as they are, but JSON's escapes are read.
  const input = escaped.replace(/[\u007f-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const observed = t.testdir({ 'child.json': JSON.stringify({ kind: '\u001b[31m', metadata: { name: 'a\nb', namespace: 'default', ownerReferences: [{ kind: names.kind, name: 'c', uid: 'u' }] } }) })
  const { stderr } = await command(['render', '-f', '-', '--observed', `${observed}/child.json`], { input })
  t.equal(stderr.split(written).length - 1, 6, stderr)
  t.match(stderr, ' c: ignored the observed "\\u001b[31m" "a\\nb", whose owner ')
  t.notMatch(stderr, /[^\P{Control}\n]|\p{Format}/u)
  for (const output of ['yaml', 'json']) {
    const hidden = '\u2066\u00ad\u180e\u{e0001}\u2028'
    const text = JSON.stringify({ apiVersion: names.apiVersion, kind: names.kind, metadata: { name: 'a', annotations: { a: hidden } }, spec: requiredSpec }).replace('\u2028', '\\u2028')
    const { stdout } = await command(['render', '-f', '-', '-o', output], { input: text })
    t.notMatch(stdout, /[^\P{Control}\n]|[\p{Format}\u2028]/u)
    t.equal((output === 'json' ? JSON.parse(stdout).items : documentsOf(stdout))[0].metadata.annotations.a, hidden)
  }
  t.equal((await command([`--${odd}`])).stderr, `${names.command}: Unknown option '--${written}'\n`)
})

t.test('a file of many small documents', async t => {
  const { exitCode, stderr } = await command(['render', '-f', '-'], { input: '{}\n'.repeat(130_000) })
  t.equal(exitCode, 1)
  t.match(stderr.slice(-100), `\nstandard input: no ${names.kind} found\n`)
})

t.test('an empty variable counts as unset', async t => {
  const { source } = filesOf(t, 'create')
  const args = ['render', '-f', source, '-o', 'json']
  const empty = { RECEIVE_ADAPTER_IMAGE: '', RECEIVE_ADAPTER_ARGS: '', RECEIVE_ADAPTER_RESOURCES: '' }
  const childrenOf = ({ stdout }: { stdout: string }) => (JSON.parse(stdout) as { items: object[] }).items.slice(1)
  t.same(childrenOf(await command(args, { env: empty })), childrenOf(await command(args)))
})

t.test('no other variable of the environment counts', async t => {
  const { source } = filesOf(t, 'create')
  const env = { PORT: 'tcp://10.0.0.1:80', LOG_LEVEL: 'INFO', SYSTEM_NAMESPACE: '!', HOOK_DEPLOYMENT_NAME: '!', CONFIG_LOGGING_NAME: '!' }
  t.match(await command(['render', '-f', source], { env }), { exitCode: 0, stderr: '' })
  t.match(await command(['render', '-f', source], { env: { RECEIVE_ADAPTER_ARGS: 'x' } }), { exitCode: 2, stderr: /^[^\n]+: RECEIVE_ADAPTER_ARGS: expected a JSON array[^\n]+\n$/ })
})

t.test('YAML is read as kubectl reads it, and written so that both read the same', async t => {
  const extension = (text: string) => `${header}metadata: {name: a}\nspec: {<<: ${JSON.stringify(requiredSpec)}, ceOverrides: {extensions: {country: ${text}}}}`
  const table: Array<[string, string]> = [['no', 'got false'], ['010', 'got 8'], ['1_000', 'got 1000'], ['0b11', 'got 3']]
  for (const [text, got] of table) {
    const { exitCode, stderr } = await command(['render', '-f', '-'], { input: extension(text) })
    t.match(stderr, new RegExp(`: spec\\.ceOverrides\\.extensions\\.country: expected string, ${got}\\n$`))
    t.equal(exitCode, 1)
  }
  for (const text of ['no', 'on', 'y', '0b11', '1_000', '2024-01-01', '1:30']) {
    const { exitCode, stdout } = await command(['render', '-f', '-'], { input: extension(`"${text}"`) })
    t.equal(exitCode, 0)
    t.match(stdout, `country: "${text}"\n`)
  }
  t.match(await command(['render', '-f', '-'], { input: `${header}metadata: {name: a, labels: {country: no}}\nspec: ${JSON.stringify(requiredSpec)}` }), {
    exitCode: 1,
    stderr: `standard input: ${names.kind} a: metadata.labels.country: expected string, got false\n`
  })
})

t.test('an unknown field is a problem, with its path and the nearest name', async t => {
  const input = [
    sourceText('a', 'spce: {}\n'),
    `${header}metadata: {name: b, lables: {}, annotations: {any: a}, ownerReferences: [{controler: true}]}\nspec: ${JSON.stringify({ ...requiredSpec, serviceAcountName: 'x', what: 1, ceOverrides: { extension: {} } })}`,
    sourceText('c')
  ].join('\n---\n')
  const { exitCode, stdout, stderr } = await command(['render', '-f', '-'], { input })
  t.equal(exitCode, 1)
  t.same(stderr.trim().split('\n'), [
    `${names.kind} a: unknown field "spce": did you mean "spec"?`,
    `${names.kind} b: unknown field "metadata.lables": did you mean "labels"?`,
    `${names.kind} b: unknown field "metadata.ownerReferences[0].controler": did you mean "controller"?`,
    `${names.kind} b: unknown field "spec.serviceAcountName": did you mean "serviceAccountName"?`,
    `${names.kind} b: unknown field "spec.what"`,
    `${names.kind} b: unknown field "spec.ceOverrides.extension": did you mean "extensions"?`
  ].map(line => `standard input: ${line}`))
  t.equal(namesOf(documentsOf(stdout))[0], `${names.kind} c`, 'what the API server refuses is not rendered')
})

t.test('defaults and null are handled as by the API server', async t => {
  const nothing = Object.fromEntries(Object.keys(defaults).map(field => [field, null]))
  const metadata = { name: 'a', namespace: null, labels: { a: null }, annotations: {}, selfLink: '', creationTimestamp: null }
  for (const spec of [requiredSpec, { ...requiredSpec, ...nothing, ceOverrides: null, resources: { limits: { cpu: null, memory: '1Gi' }, requests: null } }]) {
    const input = JSON.stringify({ apiVersion: names.apiVersion, kind: names.kind, metadata, spec, status: null })
    const { exitCode, stdout, stderr } = await command(['render', '-f', '-'], { input })
    t.equal(stderr, '')
    t.equal(exitCode, 0)
    const [source] = documentsOf(stdout)
    t.strictSame(source.spec, { ...requiredSpec, ...('resources' in spec && { resources: { limits: { memory: '1Gi' } } }), ...defaults })
    t.same(source.metadata, { name: 'a', namespace: 'default', labels: { a: '' } })
  }
  t.match(await command(['render', '-f', '-'], { input: `${header}metadata: {name: a}\nspec: null` }), { exitCode: 1, stderr: /: spec: required\n$/ })
})

t.test('several files and directories, in order', async t => {
  const dir = t.testdir({
    'one.txt': sourceText('one'),
    files: { 'b.yml': sourceText('b'), 'a.yaml': sourceText('a'), 'c.json': JSON.stringify({ kind: 'List', items: [] }), 'd.txt': 'a: [', inner: { 'e.yaml': 'a: [' }, 'f.yaml': {} },
    children: { 'a.yaml': '', 'b.yaml': '# nothing' }
  })
  symlinkSync('a.yaml', `${dir}/files/g.yaml`)
  const args = ['render', '-f', `${dir}/one.txt`, '--filename', `${dir}/files`, '-f', '-', '--observed', `${dir}/children`, '--observed', `${dir}/files/c.json`]
  const { exitCode, stdout, stderr } = await command(args, { input: sourceText('last') })
  t.equal(stderr, '')
  t.equal(exitCode, 0)
  t.same(namesOf(documentsOf(stdout).filter(({ kind }) => kind === names.kind)), ['one', 'a', 'b', 'a', 'last'].map(name => `${names.kind} ${name}`))
})

t.test('lists of this kind, and lists in lists', async t => {
  const { apiVersion, kind } = names
  const list = (items: object[]) => JSON.stringify({ kind: 'List', items: [{ apiVersion, kind: `${kind}List`, metadata: {}, items }] })
  const { exitCode, stdout, stderr } = await command(['render', '-f', '-'],
    { input: list([{ apiVersion, kind, metadata: { name: 'a' }, spec: requiredSpec }, { metadata: { name: 'b' }, spec: requiredSpec }]) + list([]) })
  t.equal(stderr, '')
  t.equal(exitCode, 0)
  t.same(namesOf(documentsOf(stdout).filter(document => document.kind === kind)), [`${kind} a`, `${kind} b`])
  t.match(await command(['render', '-f', '-'], { input: `kind: ${kind}List\nitems: [1]` }),
    { exitCode: 1, stderr: `standard input: a document without kind: ignored\nstandard input: no ${kind} found\n` })
})

t.test('UTF-8, and UTF-16 by its byte order mark', async t => {
  const text = sourceText('a')
  const little = Buffer.from(`\ufeff${text}`, 'utf16le')
  for (const input of [Buffer.from(text), Buffer.from(`\ufeff${text}`), little, Buffer.from(little).swap16()]) {
    t.match(await command(['render', '-f', '-'], { input }), { exitCode: 0, stderr: '' })
  }
})

t.test('--help', async t => {
  const { exitCode, stdout } = await command(['--help'])
  t.equal(exitCode, 0)
  t.ok(stdout.startsWith(`Usage: ${names.command} render -f FILE`))
  t.same(tooWide(stdout), [])
  t.match(stdout.replace(/\s+/g, ' '), 'The CEL rules of the CustomResourceDefinition are not run')
})

t.test('--version', async t => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  t.strictSame(await command(['--version']), { stdout: `${names.command} ${version}\n`, stderr: '', exitCode: 0 })
})

t.test('JSON may have characters that YAML does not', async t => {
  const note = '\u007f\u0090\ufffe\uffff'
  const input = JSON.stringify({ apiVersion: names.apiVersion, kind: names.kind, metadata: { name: 'a', annotations: { note } }, spec: requiredSpec })
  const { stdout } = await command(['render', '-f', '-', '-o', 'json'], { input })
  t.match(JSON.parse(stdout), { items: [{ metadata: { annotations: { note } } }] })
  t.equal((await command(['render', '-f', '-', '-o', 'json'], { input: stdout })).exitCode, 0)
})

t.test('invalid input is one line, with exit code 2', async t => {
  const dir = t.testdir({ empty: { 'a.txt': '' }, 'a.yaml': '\n\na: [', 'a.json': '{"a": 1, "a": 2}', 'deep.yaml': '['.repeat(10_000), 'control.yaml': 'a: \u0007secret', 'a\nb': 'a: [', 'empty.yaml': '# nothing', 'nulls.yaml': '---\nnull\n---\n' })
  const binary = Buffer.from('secret\0\xff\xfe', 'latin1')
  const table: Array<[string[], string | RegExp, (string | Buffer)?]> = [
    [[], `expected the command render: see ${names.command} --help`],
    [['render'], `expected -f FILE: see ${names.command} --help`],
    [['render', '-f', '-', '-o', 'xml'], 'expected -o yaml or -o json, got "xml"'],
    [['render', '-f', 'none.yaml'], 'none.yaml: no such file or directory'],
    [['render', '-f', `${dir}/a.yaml/b`], `${dir}/a.yaml/b: not a directory`],
    [['render', '-f', `${dir}/empty`], `${dir}/empty: no file in it ends in .yaml, .yml or .json`],
    [['render', '-f', 'a\0'], /^"a\\u0000": [^\n]+$/],
    [['render', '-f', ''], '"": no such file or directory'],
    [['render', '--file', 'x'], /^Unknown option '--file'$/],
    [['render', 'x.yaml'], /^unexpected argument "x\.yaml": files are named with -f FILE, and npm needs -- before it$/],
    [['render', '-f', '-o', 'json'], /^Option '-f' argument is ambiguous[^\n]+$/],
    [['render', '-f', '-', '--observed', '-'], 'standard input can be read only once: give - once'],
    [['render', '-f', '-', '-f', '-'], 'standard input can be read only once: give - once'],
    [['render', '-f', '-', '--image', ''], 'expected --image IMAGE, got ""'],
    [['bogus'], `unknown command "bogus": see ${names.command} --help`],
    [['render', '-f', '-'], /^standard input: Flow sequence [^\n]+ at line 1, column 5$/, 'a: ['],
    [['render', '-f', '-', '--observed', `${dir}/a.yaml`], /^[^\n]+\/a.yaml: Flow sequence [^\n]+ at line 3, column 5$/],
    [['render', '-f', `${dir}/a.json`], `${dir}/a.json: duplicate key "a" at line 1, column 10`],
    [['render', '-f', `${dir}/a\nb`], /^"[^\n]+a\\nb": Flow sequence [^\n]+ at line 1, column 5$/],
    [['render', '-f', `${dir}/deep.yaml`], `${dir}/deep.yaml: nested deeper than 100 levels`],
    [['render', '-f', `${dir}/control.yaml`], `${dir}/control.yaml: neither YAML nor JSON, but binary`],
    [['render', '-f', '-'], 'standard input: neither YAML nor JSON, but binary', binary],
    [['render', '-f', '-'], 'standard input: neither YAML nor JSON, but binary', '{"a": "\0"}'],
    ...['\u007f', '\u0080', '\u009f', '\ufffe', '\uffff'].flatMap((character): Array<[string[], string, string]> => [
      [['render', '-f', '-'], 'standard input: a character that YAML does not allow at line 1, column 5', `a: "${character}"`],
      [['render', '-f', '-'], 'standard input: a character that YAML does not allow at line 1, column 6', `{a: "${character}"}`]
    ])
  ]
  for (const [args, message, input] of table) {
    const { exitCode, stdout, stderr } = await command(args, { input: input ?? '' })
    t.equal(exitCode, 2)
    t.equal(stdout, '')
    t.ok(stderr.startsWith(`${names.command}: `) && stderr.endsWith('\n'))
    const said = stderr.slice(names.command.length + 2, -1)
    if (typeof message === 'string') t.equal(said, message)
    else t.match(said, message)
  }
  for (const input of ['', '# nothing\n']) t.match(await command(['render', '-f', '-'], { input }), { exitCode: 1, stderr: `standard input: no ${names.kind} found\n` })
  t.match(await command(['render', '-f', `${dir}/empty.yaml`, '-f', `${dir}/nulls.yaml`]), { exitCode: 1, stderr: `${dir}/empty.yaml, ${dir}/nulls.yaml: no ${names.kind} found\n` })
})

t.test('a name of many lines is printed on one', async t => {
  const { stderr } = await command(['render', '-f', '-'], { input: `kind: "a\\nb"\nmetadata: {name: ${'x'.repeat(1000)}}` })
  t.match(stderr, /^standard input: "a\\nb" "x{100}…": ignored\n/)
})

t.test('input that does not end', async t => {
  const endless = Readable.from((function * () { for (;;) yield Buffer.alloc(2 ** 20, 'a: b\n') })())
  t.match(await run(['render', '-f', '-'], { env: {}, stdin: endless }), { exitCode: 2, stderr: `${names.command}: standard input: longer than 64 MiB\n` })
})
