import t from 'tap'
import { describeProblems, quote } from '../../src/kubernetes/field-error.js'
import { validate } from '../../src/samplesource/validation.js'
import { requiredSpec, spec } from './source.js'

t.test('valid specs', async t => {
  const valid: object[] = [
    {},
    { interval: undefined, serviceAccountName: undefined },
    { interval: '', serviceAccountName: '' },
    { interval: '1h30m.5s' },
    { serviceAccountName: 'a.b-c' },
    { ceOverrides: {} },
    { ceOverrides: { extensions: {} } },
    { ceOverrides: { extensions: { a1: 'x', 2: '' } } },
    { ceOverrides: { extensions: { datacontentencoding: 'x', traceparent: 'x', emit: 'x' } } },
    { ceOverrides: { extensions: { a: 'x'.repeat(8000), b: 'x'.repeat(190) } } },
    { resources: {} },
    { resources: { requests: {}, limits: {} } },
    { resources: { requests: { cpu: '100m', memory: '1Gi' }, limits: { cpu: 1, memory: '1024Mi', 'ephemeral-storage': '1e9' } } },
    { sink: { uri: 'https://example.com/path' } },
    { sink: { ...spec.sink, uri: '/path' } },
    { unknown: 'the API server prunes it' }
  ]
  for (const changes of valid) t.same(validate({ ...spec, ...changes }).problems, undefined, JSON.stringify(changes))
})

t.test('each mistake with its path', async t => {
  const table: Array<[object, string]> = [
    [{ sink: undefined }, 'spec.sink: required'],
    [{ sink: {} }, 'spec.sink: expected at least one of ref and uri, got neither'],
    [{ sink: { ref: { apiVersion: 'v1', kind: '', name: 'x' } } }, 'spec.sink.ref.kind: expected a string that is not empty'],
    [{ sink: { ...spec.sink, uri: 'http://x' } }, 'spec.sink.uri: expected a relative URI with a ref, got "http://x"'],
    [{ sink: { uri: '/x' } }, 'spec.sink.uri: expected an absolute URL with a host, got "/x"'],
    [{ interval: 'soon' }, 'spec.interval: expected a positive Go duration such as 10s or 1m30s, got "soon"'],
    [{ interval: '0' }, 'spec.interval: expected a positive Go duration such as 10s or 1m30s, got "0"'],
    [{ interval: '-1s' }, 'spec.interval: expected a positive Go duration such as 10s or 1m30s, got "-1s"'],
    [{ interval: 10 }, 'spec.interval: expected string, got 10'],
    [{ serviceAccountName: 'A' }, 'spec.serviceAccountName: expected a DNS subdomain name, got "A"'],
    [{ ceOverrides: { extensions: { 'my-ext': '' } } }, 'spec.ceOverrides.extensions["my-ext"]: expected a name of lower-case letters and digits (256 at most)'],
    [{ ceOverrides: { extensions: { [`${'a'.repeat(257)}`]: '' } } }, `spec.ceOverrides.extensions["${'a'.repeat(100)}…"]: expected a name of lower-case letters and digits (256 at most)`],
    [{ ceOverrides: { extensions: { a: 1 } } }, 'spec.ceOverrides.extensions.a: expected string, got 1'],
    [{ ceOverrides: { extensions: { subject: 'a' } } }, 'spec.ceOverrides.extensions["subject"]: expected another name: this one is an attribute of CloudEvents'],
    [{ ceOverrides: { extensions: { validate: 'a' } } }, 'spec.ceOverrides.extensions["validate"]: expected another name: the CloudEvents SDK cannot send this one'],
    [{ ceOverrides: { extensions: { team: 'samples\n' } } }, 'spec.ceOverrides.extensions.team: expected a text without control characters, noncharacters and lone surrogates, got "samples\\n"'],
    [{ ceOverrides: { extensions: { a: 'x'.repeat(8000), b: 'x'.repeat(191) } } }, 'spec.ceOverrides.extensions: expected at most 8192 bytes of names and values, percent-encoded as events carry them, got 8193'],
    [{ resources: { limits: { cpu: '1 core' } } }, 'spec.resources.limits.cpu: expected a Kubernetes quantity such as 100m or 64Mi, from 0 to 9223372036854775807, got "1 core"'],
    [{ resources: { limits: { memory: '-1' } } }, 'spec.resources.limits.memory: expected a Kubernetes quantity such as 100m or 64Mi, from 0 to 9223372036854775807, got "-1"'],
    ...['1e9999', '1000E', '1'.repeat(65)].map((memory): [object, string] => (
      [{ resources: { limits: { memory } } }, `spec.resources.limits.memory: expected a Kubernetes quantity such as 100m or 64Mi, from 0 to 9223372036854775807, got "${memory}"`])),
    [{ resources: { limits: { cpu: 0.5 } } }, 'spec.resources.limits.cpu: expected an integer or a string, got 0.5'],
    [{ resources: { requests: { cpu: 2 }, limits: { cpu: '1999m' } } }, 'spec.resources.requests.cpu: expected at most the limit of 1999m, got 2']
  ]
  for (const [changes, expected] of table) {
    t.equal(describeProblems(validate({ ...spec, ...changes }).problems ?? []), expected)
  }
  t.equal(describeProblems(validate(undefined).problems ?? []), 'spec: required')
  t.equal(describeProblems(validate('x').problems ?? []), 'spec: expected object, got "x"')
})

t.test('all mistakes at once', async t => {
  const { problems = [] } = validate({
    ...requiredSpec,
    sink: { uri: '/x', CACerts: 'x' },
    interval: 1,
    serviceAccountName: '-',
    ceOverrides: { extensions: { A: true } },
    resources: { requests: { cpu: [], memory: 'x' }, limits: { 'ephemeral-storage': '-1' } }
  })
  t.same(problems.map(({ path }) => path), [
    'spec.ceOverrides.extensions.A',
    'spec.interval',
    'spec.resources.requests.cpu',
    'spec.sink.uri',
    'spec.sink.CACerts',
    'spec.ceOverrides.extensions["A"]',
    'spec.serviceAccountName',
    'spec.resources.requests.memory',
    'spec.resources.limits.ephemeral-storage'
  ])
})

t.test('of very many mistakes only the first are reported', async t => {
  const message = (names: number) => {
    const extensions = Object.fromEntries(Array.from({ length: names }, (_, index) => [`x-${index}`, '']))
    return describeProblems(validate({ ...spec, ceOverrides: { extensions } }).problems ?? [])
  }
  t.match(message(60), /^spec\.ceOverrides\.extensions\["x-0"\]: .*\["x-49"\]: [^;]*; and more$/)
  t.match(message(51), /; and more$/)
  t.match(message(50), /\["x-49"\]: [^;]*at most\)$/)
  const typed = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`x${index}`, 1]))
  t.match(describeProblems(validate({ ...spec, ceOverrides: { extensions: typed } }).problems ?? []), /^[^;]*\.x0: [^;]*; .*\.x49: [^;]*; and more$/)
})

t.test('counts and lengths are checked before contents', async t => {
  const problemsOf = (changes: object) => (validate({ ...spec, ...changes }).problems ?? []).map(({ path, message }) => `${path}: ${message}`)
  const extensions = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`x-${index}`, 1]))
  const tooMany = 'spec.ceOverrides.extensions: expected at most 64 extensions, got 65'
  t.same(problemsOf({ ceOverrides: { extensions } }), [tooMany])
  t.same(problemsOf({ ceOverrides: { extensions }, interval: 1, sink: {}, unknown: 1 }), [
    tooMany, 'spec.interval: expected string, got 1', 'spec.sink: expected at least one of ref and uri, got neither'
  ])
  t.same(problemsOf({ ceOverrides: { extensions }, sink: undefined }), [tooMany, 'spec.sink: required'])

  const ref = { apiVersion: 'v1', kind: 'Service', name: 'a', namespace: 'b' }
  const table: Array<[string, number, (text: string) => object]> = [
    ['sink.uri', 2048, uri => ({ sink: { uri } })],
    ['sink.uri', 2048, uri => ({ sink: { ref, uri } })],
    ['sink.CACerts', 65536, CACerts => ({ sink: { ref, CACerts } })],
    ['sink.audience', 2048, audience => ({ sink: { ref, audience } })],
    ['sink.ref.apiVersion', 317, apiVersion => ({ sink: { ref: { ...ref, apiVersion } } })],
    ['sink.ref.kind', 63, kind => ({ sink: { ref: { ...ref, kind } } })],
    ['sink.ref.name', 253, name => ({ sink: { ref: { ...ref, name } } })],
    ['sink.ref.namespace', 63, namespace => ({ sink: { ref: { ...ref, namespace } } })],
    ['interval', 256, interval => ({ interval })],
    ['serviceAccountName', 253, serviceAccountName => ({ serviceAccountName })],
    ['ceOverrides.extensions.a', 8192, a => ({ ceOverrides: { extensions: { a } } })]
  ]
  for (const [path, most, make] of table) {
    const text = 'é'.repeat(most + 1)
    t.same(problemsOf(make(text)), [`spec.${path}: expected string length less or equal to ${most}, got ${quote(text)}`], 'the one problem')
  }
})
