import t from 'tap'
import { describeProblems } from '../../src/kubernetes/field-error.js'
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
    [{ sink: { ...spec.sink, uri: 'http://x' } }, 'spec.sink.uri: expected a relative URI beside a ref, got "http://x"'],
    [{ sink: { uri: '/x' } }, 'spec.sink.uri: expected an absolute URL with a host, got "/x"'],
    [{ interval: 'soon' }, 'spec.interval: expected a positive Go duration such as 10s or 1m30s, got "soon"'],
    [{ interval: '0' }, 'spec.interval: expected a positive Go duration such as 10s or 1m30s, got "0"'],
    [{ interval: '-1s' }, 'spec.interval: expected a positive Go duration such as 10s or 1m30s, got "-1s"'],
    [{ interval: 10 }, 'spec.interval: expected string, got 10'],
    [{ serviceAccountName: 'A' }, 'spec.serviceAccountName: expected a DNS subdomain name, got "A"'],
    [{ ceOverrides: { extensions: { 'my-ext': '' } } }, 'spec.ceOverrides.extensions["my-ext"]: expected a name of lower-case letters and digits (256 at most)'],
    [{ ceOverrides: { extensions: { [`${'a'.repeat(257)}`]: '' } } }, `spec.ceOverrides.extensions["${'a'.repeat(100)}…"]: expected a name of lower-case letters and digits (256 at most)`],
    [{ ceOverrides: { extensions: { a: 1 } } }, 'spec.ceOverrides.extensions.a: expected string, got 1'],
    [{ resources: { limits: { cpu: '1 core' } } }, 'spec.resources.limits.cpu: expected a Kubernetes quantity such as 100m or 64Mi, not negative, got "1 core"'],
    [{ resources: { limits: { memory: '-1' } } }, 'spec.resources.limits.memory: expected a Kubernetes quantity such as 100m or 64Mi, not negative, got "-1"'],
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

t.test('of very many mistakes the first are told, and how many there are', async t => {
  const extensions = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`x-${index}`, '']))
  const message = describeProblems(validate({ ...spec, ceOverrides: { extensions } }).problems ?? [])
  t.match(message, /^spec\.ceOverrides\.extensions\["x-0"\]: .*; and 10 more$/)
})
