import { reservedExtensionNames } from '../../src/knative/extensions.js'
import { requiredSpec } from '../samplesource/source.js'

/* Specs that the API server refuses or accepts by the CRD alone. */

const { ref } = requiredSpec.sink

const withExtensions = (extensions: object) => ({ ...requiredSpec, ceOverrides: { extensions } })

/** Specs that are refused. */
export interface Refusal {
  /** A part of the message, besides the path. */
  message: string
  path: string
  specs: unknown[]
}

/** The CEL rules of the CRD, by their message; each with specs that only this rule refuses. */
export const refusedByRules: Refusal[] = [
  {
    message: 'expected at least one of ref and uri',
    path: 'spec.sink',
    specs: [{ ...requiredSpec, sink: {} }, { ...requiredSpec, sink: { uri: '' } }]
  },
  {
    message: 'uri must be relative if ref is given',
    path: 'spec.sink.uri',
    specs: [{ ...requiredSpec, sink: { ref, uri: 'http://example.com' } }, { ...requiredSpec, sink: { ref, uri: 'urn:x' } }]
  },
  {
    message: 'uri must be absolute, with a host, if ref is not given',
    path: 'spec.sink.uri',
    specs: ['/path', 'example.com', 'http://', 'http:///path', 'mailto:someone@example.com', 'http://:8080'].map(uri => ({ ...requiredSpec, sink: { uri } }))
  },
  {
    message: 'must have at most 65536 bytes',
    path: 'spec.sink.CACerts',
    specs: [{ ...requiredSpec, sink: { ref, CACerts: 'é'.repeat(32_769) } }]
  },
  {
    message: 'must not have a NUL character',
    path: 'spec.sink.CACerts',
    specs: [{ ...requiredSpec, sink: { ref, CACerts: 'a\0' } }]
  },
  {
    message: 'an extension name must consist of lower-case letters and digits (256 at most)',
    path: 'spec.ceOverrides.extensions',
    specs: ['Team', 'my-team', '', 'a b', 'ä', 'a'.repeat(257)].map(name => withExtensions({ [name]: 'x' }))
  },
  {
    message: `an extension must not be called ${reservedExtensionNames.join(', ')}`,
    path: 'spec.ceOverrides.extensions',
    specs: reservedExtensionNames.map(name => withExtensions({ [name]: 'x' }))
  },
  {
    message: 'an extension value must not have control characters or noncharacters',
    path: 'spec.ceOverrides.extensions',
    specs: ['samples\n', '\t', '\u0000', '\u0085', '\ufdd0', '\uffff'].map(team => withExtensions({ team }))
  },
  {
    message: 'all extension names and values together must have at most 8192 bytes',
    path: 'spec.ceOverrides.extensions',
    specs: [{ a: 'x'.repeat(8192) }, { a: 'x'.repeat(4096), b: 'x'.repeat(4095) }, { a: 'é'.repeat(4096) }].map(withExtensions)
  },
  {
    message: 'must be a Go duration such as 500ms, 10s or 1h30m',
    path: 'spec.interval',
    specs: ['soon', '10', '1 s', '1d', '1s1', '.s'].map(interval => ({ ...requiredSpec, interval }))
  },
  {
    message: 'must be a positive duration of at most 2562047h',
    path: 'spec.interval',
    specs: ['0', '0s', '-1s', '-0'].map(interval => ({ ...requiredSpec, interval }))
  }
]

/** Specs that the rest of the schema refuses. */
export const refusedBySchema: Refusal[] = [
  { message: 'Required value', path: 'spec.sink', specs: [{ ...requiredSpec, sink: undefined }] },
  { message: 'Required value', path: 'spec.sink.ref.name', specs: [{ ...requiredSpec, sink: { ref: { apiVersion: 'v1', kind: 'Service' } } }] },
  { message: 'must be of type string', path: 'spec.interval', specs: [{ ...requiredSpec, interval: 10 }] },
  { message: 'must be of type string', path: 'spec.ceOverrides.extensions.beats', specs: [{ ...requiredSpec, ceOverrides: { extensions: { beats: true } } }] },
  { message: 'Too long', path: 'spec.sink.uri', specs: [{ ...requiredSpec, sink: { uri: `http://example.com/${'a'.repeat(2048)}` } }] },
  { message: 'Too long', path: 'spec.sink.ref.name', specs: [{ ...requiredSpec, sink: { ref: { ...ref, name: 'a'.repeat(254) } } }] },
  { message: 'Too long', path: 'spec.sink.audience', specs: [{ ...requiredSpec, sink: { ref, audience: 'a'.repeat(2049) } }] },
  { message: 'Too long', path: 'spec.sink.CACerts', specs: [{ ...requiredSpec, sink: { ref, CACerts: 'a'.repeat(65_537) } }] },
  { message: 'Too long', path: 'spec.resources.limits.cpu', specs: [{ ...requiredSpec, resources: { limits: { cpu: '1'.repeat(65) } } }] },
  {
    message: 'should match',
    path: 'spec.resources.limits.cpu',
    specs: ['', 'much', '1 core', '1ki', '1K', '1e', '1e9999', '1e-100', '--1'].map(cpu => ({ ...requiredSpec, resources: { limits: { cpu } } }))
  },
  { message: 'must be of type object', path: 'spec', specs: ['10s'] }
]

/** Valid specs that are close to the refused ones. */
export const accepted: unknown[] = [
  requiredSpec,
  { ...requiredSpec, sink: { ref, uri: '/path' } },
  { ...requiredSpec, sink: { uri: 'https://someone@example.com:8443/path?query' } },
  { ...requiredSpec, ceOverrides: {} },
  ...[{ team1: '', ['a'.repeat(256)]: 'x' }, { a: 'x'.repeat(8191) }, { a: '€😀"\\$(NAME)', identity: '', datacontentencoding: 'x' }].map(withExtensions),
  ...['', '1ns', '1.5h', '.5s', '+1m30s', '1µs', '2562047h'].map(interval => ({ ...requiredSpec, interval })),
  ...['0', '+1', '.5', '1.', '1500u', '9E', '1e18', '1E-3', '16Ei'].map(memory => ({ ...requiredSpec, resources: { limits: { memory } } })),
  { ...requiredSpec, resources: { requests: { cpu: 1, memory: '64Mi' }, limits: { cpu: '2', 'ephemeral-storage': '1Gi' } } }
]
