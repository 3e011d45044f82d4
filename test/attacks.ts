import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { readFixtures } from './fixtures.js'
import { anyJson } from './kubernetes/any-json.js'

/** Bytes to send to the hook. */
export interface Attack {
  name: string
  /** Made only when they are sent, because there are many. */
  bytes: () => Buffer
  /**
   * How the connection goes on: `end` half-closes it (in the middle of a request that is cut short), `reset`
   * resets it, `hold` leaves it open and idle.
   */
  then: 'end' | 'reset' | 'hold'
  /** Whether an answer must come. Otherwise the server may also just close. */
  answered: boolean
}

const requests = readFixtures().map(({ request }) => request)
const anyRequest = fc.constantFrom(...requests)
/** The same with an invalid spec, whose children come back unchanged; they come first. */
const invalid = requests.map(request => ({ children: request.children, ...request, parent: { ...request.parent, spec: null } }))
const anyIndexes = fc.array(fc.nat(), { minLength: 1, maxLength: 12 })

/** Values that fit no field, or only one. */
const hostileJson = [
  'null', 'true', '0', '-0', '-1', '1.5', '1e400', '1e-400', '9007199254740993', '9'.repeat(400), '""', '"x"', '[]', '{}', '[[]]', '[null]', '[{}]', '{"": null}',
  '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\uFFFF"', '"\u2028"', '"../.."', '"%s%n"', '"{{x}}"', '"a\\nb"', '"True"', '"2026-13-45T99:99:99Z"', '"10s10s"', '"-1h"',
  '{"__proto__": {"x": 1}}', '{"constructor": {"prototype": {"x": 1}}}', '{"\\u005f_proto__": 1}', '{"toString": 1, "valueOf": 1, "hasOwnProperty": 1, "toJSON": 1, "length": -1, "then": 1}',
  '{"get": 1, "set": 1, "value": 1}', `"${'x'.repeat(30_000)}"`, `"${'€'.repeat(8_000)}"`, `[${'[],'.repeat(3_000)}[]]`, `[${'{"name":"a"},'.repeat(1_000)}{}]`,
  ...['[', '{"a":', '[{"name":"a","":'].map(open => open.repeat(10_000) + '0' + [...open].reverse().join('').replace(/[^[{]/g, '').replaceAll('[', ']').replaceAll('{', '}').repeat(10_000)),
  `{${Array.from({ length: 1_000 }, (_, index) => `"key-${index}":${index}`).join()}}`
]
const anyHostileJson = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...hostileJson) }, { weight: 1, arbitrary: anyJson.map(value => JSON.stringify(value)) })

/** A placeholder for JSON text that no value serializes to, such as a number that is too large or a duplicate key. */
const placeholder = '\u0001here\u0001'

/** The place in a value to which the indexes lead, as deep as the value goes. */
function placeIn (value: any, indexes: number[]): [parent: any, key: string] | undefined {
  let place: [any, string] | undefined
  for (const index of indexes) {
    const keys = typeof value === 'object' && value !== null ? Object.keys(value) : []
    if (keys.length === 0) return place
    const key = keys[index % keys.length] as string
    place = [value, key]
    value = value[key]
  }
  return place
}

/** A request with another value in one place. */
function mutated (request: object, indexes: number[], how: 'replace' | 'delete' | 'rename' | 'twice' | 'beside', json: string): string {
  const copy = structuredClone(request)
  const [parent, key] = placeIn(copy, indexes) as [any, string]
  if (how === 'delete') delete parent[key]
  else if (how === 'replace') parent[key] = placeholder
  else if (how === 'rename') {
    parent[key.toUpperCase()] = parent[key]
    delete parent[key]
  } else if (Array.isArray(parent)) parent.push(placeholder)
  else parent[how === 'twice' ? placeholder : `${key}x`] = placeholder
  const text = JSON.stringify(copy)
  const marked = JSON.stringify(placeholder)
  return text.replace(`${marked}:${marked}`, () => `${JSON.stringify(key)}:${json}`).replace(marked, () => json)
}

const anyPlace = fc.oneof(fc.tuple(anyRequest, anyIndexes), fc.tuple(fc.constantFrom(...invalid), anyIndexes.map(indexes => [0, ...indexes])))

const anyBody = fc.tuple(anyPlace, fc.constantFrom('replace', 'replace', 'delete', 'rename', 'twice', 'beside'), anyHostileJson)
  .map(([[request, indexes], how, json]) => ({ name: `${how} by ${json.slice(0, 40)} at ${indexes}`, text: () => mutated(request, indexes, how, json) }))

const json = { 'Content-Type': 'application/json' }

/** A request with these bytes as its body. */
function post (body: Buffer, headers: Record<string, string | number> = json, line = 'POST /sync HTTP/1.1'): Buffer {
  const lines = Object.entries({ Host: 'hook', Connection: 'close', 'Content-Length': body.length, ...headers }).filter(([, value]) => value !== '')
  return Buffer.concat([Buffer.from(`${line}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, 'latin1'), body])
}

function cut (bytes: Buffer, at: number): Buffer {
  return bytes.subarray(0, 1 + at % (bytes.length - 1))
}

/** The bytes with some of them replaced, removed or inserted. */
function scrambled (bytes: Buffer, edits: Array<[at: number, remove: number, insert: Uint8Array]>): Buffer {
  return edits.reduce((edited, [at, remove, insert]) => {
    const start = at % edited.length
    return Buffer.concat([edited.subarray(0, start), insert, edited.subarray(start + remove)])
  }, bytes)
}

const anyEdits = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 20 }), fc.uint8Array({ maxLength: 20 })), { minLength: 1, maxLength: 4 })

const encodings: Record<string, (text: string) => Buffer> = {
  'UTF-8 with a byte order mark': text => Buffer.from(`\uFEFF${text}`),
  'UTF-16': text => Buffer.from(text, 'utf16le'),
  'UTF-16 with a byte order mark': text => Buffer.from(`\uFEFF${text}`, 'utf16le'),
  'Latin-1': text => Buffer.from(text.replace('"', '"ü'), 'latin1'),
  'bytes that are no UTF-8': text => Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xc0, 0x80, 0xed, 0xa0, 0x80, 0xff]), Buffer.from('}')]),
  gzip: text => gzipSync(text),
  base64: text => Buffer.from(Buffer.from(text).toString('base64')),
  'two values': text => Buffer.from(text + text),
  'text after it': text => Buffer.from(`${text}\u0000`),
  'a form': text => Buffer.from(`body=${encodeURIComponent(text)}`)
}

const headerSets: Array<Record<string, string | number>> = [
  {}, { 'Content-Type': 'text/plain' }, { 'Content-Type': 'application/json; charset=utf-16' }, { 'Content-Type': 'application/json, text/html' }, { 'Content-Type': '/;=' },
  { 'Content-Type': 'application/__proto__' }, { ...json, 'Content-Encoding': 'gzip' }, { ...json, 'Content-Length': 0 }, { ...json, 'Content-Length': -1 }, { ...json, 'Content-Length': '1e3' },
  { ...json, 'Content-Length': '0x10' }, { ...json, 'Content-Length': '5, 5' }, { ...json, 'Content-Length': 17 * 1024 * 1024 }, { ...json, 'Content-Length': 17 * 1024 * 1024, Connection: 'keep-alive' }, { ...json, 'Content-Length': '9'.repeat(30) },
  { ...json, 'Transfer-Encoding': 'chunked' }, { ...json, 'Content-Length': '', 'Transfer-Encoding': 'chunked' }, { ...json, 'Content-Length': '', 'Transfer-Encoding': 'gzip, chunked' },
  { ...json, 'Content-Length': '', 'Transfer-Encoding': 'identity' }, { ...json, 'content-length': 3 }, { ...json, Expect: '100-continue' }, { ...json, Expect: 'more' }, { ...json, Upgrade: 'websocket', Connection: 'upgrade' },
  { ...json, Host: '' }, { ...json, Host: '\u00ff' }, { ...json, 'If-None-Match': '*' }, { ...json, 'X Y': 'space' }, { ...json, 'X-Line': 'a\r\n b' }, { ...json, 'X-Nul': '\u0000' }, { ...json, 'X-Long': 'x'.repeat(20_000) },
  { ...json, ...Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`X-${index}`, 'x'])) }
]

const lines = [
  'GET /sync HTTP/1.1', 'PUT /sync HTTP/1.1', 'DELETE /sync HTTP/1.1', 'HEAD /sync HTTP/1.1', 'OPTIONS * HTTP/1.1', 'TRACE /sync HTTP/1.1', 'PATCH /sync HTTP/1.1', 'post /sync HTTP/1.1', 'POST sync HTTP/1.1',
  'POST //sync HTTP/1.1', 'POST /sync/ HTTP/1.1', 'POST /SYNC HTTP/1.1', 'POST /sync%00 HTTP/1.1', 'POST /%2e%2e/sync HTTP/1.1', 'POST /%zz HTTP/1.1', 'POST /sync?__proto__[x]=1 HTTP/1.1', 'POST http://other/sync HTTP/1.1',
  'POST /__proto__ HTTP/1.1', 'POST /constructor HTTP/1.1', `POST /${'x'.repeat(8_000)} HTTP/1.1`, `POST /${'x'.repeat(20_000)} HTTP/1.1`, 'POST /sync HTTP/1.0', 'POST /sync HTTP/9.9', 'POST /sync', 'PRI * HTTP/2.0', 'CONNECT hook:80 HTTP/1.1',
  'POST /sync;a HTTP/1.1', 'POST /\u00e4 HTTP/1.1', '\u0016\u0003\u0001\u0002\u0000'
]

const end = { then: 'end' as const, answered: true }

const plain = Buffer.from(JSON.stringify(requests[0]))

/** Requests by the status of their answers: a few of any attacks may all miss one. */
export const attackWith: Record<number, Attack> = {
  200: { ...end, name: 'none', bytes: () => post(plain) },
  400: { ...end, name: 'no JSON', bytes: () => post(Buffer.from('{')) },
  404: { ...end, name: 'another path', bytes: () => post(plain, json, 'POST / HTTP/1.1') },
  405: { ...end, name: 'another method', bytes: () => post(plain, json, 'PUT /sync HTTP/1.1') },
  415: { ...end, name: 'another type', bytes: () => post(plain, { 'Content-Type': 'text/plain' }) }
}

/** All kinds of attacks, by their weights. */
export const anyAttack: fc.Arbitrary<Attack> = fc.oneof(
  { weight: 12, arbitrary: anyBody.map(({ name, text }) => ({ ...end, name, bytes: () => post(Buffer.from(text())) })) },
  {
    weight: 3,
    arbitrary: fc.tuple(anyBody, anyEdits).map(([{ name, text }, edits]) => ({ ...end, name: `scrambled, ${name}`, bytes: () => post(scrambled(Buffer.from(text()), edits)) }))
  },
  {
    weight: 2,
    arbitrary: fc.tuple(anyRequest, fc.nat()).map(([request, at]) => ({ ...end, name: `JSON that ends at ${at}`, bytes: () => post(cut(Buffer.from(JSON.stringify(request)), at)) }))
  },
  {
    weight: 2,
    arbitrary: fc.tuple(anyRequest, fc.constantFrom(...Object.keys(encodings)), fc.constantFrom({}, { 'Content-Encoding': 'gzip' })).map(([request, encoding, headers]) => (
      { ...end, name: encoding, bytes: () => post(encodings[encoding]!(JSON.stringify(request)), { ...json, ...headers }) }))
  },
  {
    weight: 3,
    arbitrary: fc.tuple(anyRequest, fc.constantFrom(...headerSets)).map(([request, headers]) => (
      { ...end, answered: !('X-Long' in headers), name: `headers ${JSON.stringify(headers).slice(0, 100)}`, bytes: () => post(Buffer.from(JSON.stringify(request)), headers) }))
  },
  {
    weight: 2,
    arbitrary: fc.tuple(anyRequest, fc.constantFrom(...lines)).map(([request, line]) => (
      { ...end, answered: line.length < 10_000 && !line.startsWith('CONNECT'), name: `line ${line.slice(0, 50)}`, bytes: () => post(Buffer.from(JSON.stringify(request)), json, line) }))
  },
  {
    weight: 1,
    arbitrary: fc.tuple(anyRequest, anyEdits).map(([request, edits]) => ({ ...end, answered: false, name: `scrambled request ${edits}`, bytes: () => scrambled(post(Buffer.from(JSON.stringify(request))), edits) }))
  },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ minLength: 1, maxLength: 500 }).map(bytes => ({ ...end, answered: false, name: 'noise', bytes: () => Buffer.from(bytes) }))
  },
  {
    weight: 3,
    arbitrary: fc.tuple(anyRequest, fc.nat(), fc.constantFrom<Attack['then']>('end', 'reset', 'hold'), fc.constantFrom<Array<Record<string, string>>>(json, { ...json, Connection: 'keep-alive' })).map(([request, at, then, headers]) => (
      { name: `a request that ends at ${at}, ${then}`, then, answered: false, bytes: () => cut(post(Buffer.from(JSON.stringify(request)), headers), at) }))
  },
  {
    weight: 1,
    arbitrary: fc.tuple(anyBody, anyRequest, fc.integer({ min: 1, max: 10 }), fc.constantFrom<Attack['then']>('end', 'reset', 'hold')).map(([{ name, text }, request, count, then]) => ({
      name: `${name}, with ${count} requests behind it, ${then}`,
      then,
      answered: false,
      bytes: () => Buffer.concat([text(), ...Array.from({ length: count }, () => JSON.stringify(request))].map(body => post(Buffer.from(body), { ...json, Connection: 'keep-alive' })))
    }))
  },
  {
    weight: 1,
    arbitrary: fc.tuple(anyRequest, fc.constantFrom('1', '0', 'ffffffffffffffff', '-1', '5;x=1', 'x'), fc.boolean()).map(([request, size, right]) => (
      { ...end, answered: false, name: `chunk of ${size}`, bytes: () => post(Buffer.from(`${right ? Buffer.byteLength(JSON.stringify(request)).toString(16) : size}\r\n${JSON.stringify(request)}\r\n0\r\n\r\n`), { ...json, 'Content-Length': '', 'Transfer-Encoding': 'chunked' }) }))
  }
)
