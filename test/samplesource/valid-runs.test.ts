import fc from 'fast-check'
import t from 'tap'
import { readConfig } from '../../src/adapter/config.js'
import { readSettings } from '../../src/adapter/heartbeat.js'
import { isEqual } from '../../src/kubernetes/object.js'
import { desire } from '../../src/samplesource/desired.js'
import { component } from '../../src/samplesource/names.js'
import { makeCertificates } from '../certificates.js'
import { goJson } from '../harness/json.js'
import { environmentOf } from '../harness/pod-environment.js'
import { runs } from '../soak.js'
import { makeRequest, requiredSpec, settings } from './source.js'

/* Every valid spec runs: the adapter accepts the environment that Kubernetes and Knative make from it. */

const { ca, server } = makeCertificates(t)

/** The environment of a source's adapter; undefined if its spec is invalid. */
function environmentFor (spec: unknown): Record<string, string> | undefined {
  const { children } = desire(makeRequest({ spec }).parent, settings, [])
  if (children === undefined) return undefined
  const { receiveAdapter, sinkBinding: { spec: { sink, ceOverrides } } } = children
  const [container] = receiveAdapter.spec?.template.spec?.containers ?? []
  const env = [
    ...container?.env ?? [],
    { name: 'K_SINK', value: sink.ref === undefined ? sink.uri ?? '' : `http://sink.example${sink.uri?.startsWith('/') === true ? sink.uri : ''}` },
    { name: 'K_CA_CERTS', value: sink.CACerts ?? '' },
    { name: 'K_CE_OVERRIDES', value: ceOverrides === undefined ? '' : goJson(ceOverrides) }
  ]
  return environmentOf({ name: 'any', env }, receiveAdapter)
}

const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.array(fc.constantFrom('$', '$(NAME)', '$$', '"', '<', '\n', '\0', 'é'), { maxLength: 4 }).map(parts => parts.join('')))
const extensionName = fc.oneof({ weight: 3, arbitrary: fc.string({ unit: fc.constantFrom(...'abz019'), minLength: 1 }) }, fc.constantFrom('id', 'subject', 'data', 'validate', 'constructor', 'schemaurl', 'traceparent', 'toString'))
const pem = fc.array(fc.constantFrom(ca.cert, server.cert, server.key, '# $(NAME)\n', 'é', '\0', '-----BEGIN CERTIFICATE-----\nProc-Type: 4\n\n', '<'.repeat(50_000)), { maxLength: 4 }).map(parts => parts.join(''))
const anySpec = fc.record({
  sink: fc.record({
    ref: fc.constant(requiredSpec.sink.ref),
    uri: fc.oneof(fc.webUrl().filter(url => url.startsWith('http')), anyText.map(text => `/${text}`), anyText.map(text => `http://sink.example/${text}`)),
    CACerts: fc.oneof(fc.constant(ca.cert), pem.map(text => ca.cert + text), pem)
  }, { requiredKeys: [] }),
  interval: fc.oneof({ weight: 5, arbitrary: fc.constantFrom('10s', '1.5h', '', '1µs', '+1m') }, fc.constantFrom('0', '-1s'), anyText),
  ceOverrides: fc.record({ extensions: fc.dictionary(extensionName, fc.oneof({ weight: 3, arbitrary: fc.string() }, anyText, fc.constant('x'.repeat(4500))), { maxKeys: 2 }) })
}, { requiredKeys: ['sink'] })

t.test('the adapter starts with every valid spec', async t => {
  const numRuns = runs(2000)
  let valid = 0
  fc.assert(fc.property(anySpec, spec => {
    const environment = environmentFor({ ...requiredSpec, ...spec })
    if (environment === undefined) return
    valid++
    const { config, mistakes } = readConfig(environment, component, readSettings)
    if (config === undefined) throw new Error(mistakes.join('; '))
    if (!isEqual(config.extensions, spec.ceOverrides?.extensions ?? {})) throw new Error(Object.keys(config.extensions).join(', '))
  }), { numRuns })
  t.ok(valid > numRuns / 20, `${valid} of ${numRuns}`)
})
