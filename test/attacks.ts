import { gzipSync } from 'node:zlib'
import fc, { type Arbitrary } from 'fast-check'

/** A request by HTTP's rules whose headers or body are odd, or bytes that may be no request at all. */
export type Attack =
  | { headers: Record<string, string>, body: Buffer }
  | { bytes: Buffer, halfOpen: boolean }

const json = { 'content-type': 'application/json' }

/** All kinds of attacks that are made from a good request. */
export function attacks (request: object): Arbitrary<Attack> {
  const text = JSON.stringify(request)
  return fc.oneof(
    { weight: 6, arbitrary: otherObjects(request).map(value => ({ headers: json, body: Buffer.from(JSON.stringify(value)) })) },
    { weight: 3, arbitrary: otherTexts(text).map(body => ({ headers: json, body: Buffer.from(body) })) },
    { weight: 2, arbitrary: otherBytes(Buffer.from(text)).map(body => ({ headers: json, body })) },
    { weight: 1, arbitrary: nested.map(body => ({ headers: json, body })) },
    { weight: 1, arbitrary: otherHeaders.map(headers => ({ headers, body: Buffer.from(text) })) },
    { weight: 1, arbitrary: otherEncodings(text) },
    { weight: 1, arbitrary: large(text).map(body => ({ headers: json, body })) },
    { weight: 3, arbitrary: rawBytes(text) }
  ).map(attack => Object.assign(attack, { [fc.toStringMethod]: () => describe(attack) }))
}

/** What a failed test says of an attack: its seed brings it back in full. */
function describe (attack: Attack): string {
  return ('bytes' in attack ? `${attack.bytes}` : `${JSON.stringify(attack.headers)} ${attack.body}`).slice(0, 1000)
}

/** Values that stand where another one is expected. */
const oddValues = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 1e308, '', ' ', '0', 'a'.repeat(300), [], [[]], {}, { '': {} }, '\u0000', '\ud800', '🦄', '$&', '../..', '-1s', '1e999', 'False', '2020-13-45T99:99:99Z'),
  fc.string(),
  fc.jsonValue({ maxDepth: 3 }) as Arbitrary<unknown>
)

/** The request with some of its values changed, moved, taken away or made many. */
function otherObjects (request: object): Arbitrary<unknown> {
  const change = fc.record({
    path: fc.array(fc.nat(), { minLength: 1, maxLength: 9 }),
    operation: fc.constantFrom('replace', 'remove', 'add', 'copy', 'wrap', 'repeat', 'move'),
    value: oddValues,
    key: fc.oneof(fc.constantFrom('constructor', 'toString', '0', 'metadata', 'spec', 'status', 'conditions', 'finalizers', 'apiVersion', ''), fc.string())
  })
  return fc.array(change, { minLength: 1, maxLength: 5 }).map(changes => {
    const root: any = { request: structuredClone(request) }
    for (const { path, operation, value, key } of changes) {
      const [parent, name] = placeAt(root, path)
      const old = parent[name]
      if (operation === 'replace') parent[name] = value
      else if (operation === 'remove') delete parent[name]
      else if (operation === 'add') parent[name] = { ...Object(old), [key]: value }
      else if (operation === 'copy') parent[key] = old
      else if (operation === 'wrap') parent[name] = [old]
      else if (operation === 'repeat') parent[name] = Array.from({ length: 3 }, () => old)
      else root.request[key] = old
    }
    return root.request === undefined ? null : root.request
  })
}

/** Where a path of numbers leads, each counting the keys of an object: as deep as there are objects. */
function placeAt (root: any, path: number[]): [parent: any, name: string] {
  let parent = root
  let name = 'request'
  for (const number of path) {
    const inside = parent[name]
    const names = Object.keys(Object(inside))
    if (typeof inside !== 'object' || names.length === 0) break
    parent = inside
    name = names[number % names.length] as string
  }
  return [parent, name]
}

/** The text with something put in between: keys that come twice, keys that reach for a prototype, bits of JSON. */
function otherTexts (text: string): Arbitrary<string> {
  const afterBrace = fc.constantFrom('"kind":"Pod",', '"metadata":null,', '"parent":[],', '"spec":{},', '"__proto__":{"a":1},', '"\\u005f_proto__":null,', '"constructor":{"prototype":{}},', '"name":"a","name":"b",')
  const anywhere = fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', 'null', '1e9999', '-', '\\u0000', '\u2028', '/*', '\ufeff', 'NaN')
  const braces = [...text.matchAll(/\{(?!\})/g)].map(({ index }) => index + 1)
  return fc.oneof(
    fc.tuple(fc.constantFrom(...braces), afterBrace).map(([at, inserted]) => text.slice(0, at) + inserted + text.slice(at)),
    fc.tuple(fc.nat(text.length), anywhere).map(([at, inserted]) => text.slice(0, at) + inserted + text.slice(at)),
    fc.nat(text.length - 1).map(length => text.slice(0, length)),
    fc.tuple(fc.nat(text.length), fc.string()).map(([at, rest]) => text.slice(0, at) + rest),
    fc.string()
  )
}

/** The bytes with some of them others, so that they may be no UTF-8. */
function otherBytes (bytes: Buffer): Arbitrary<Buffer> {
  return fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }).map(changes => {
    const changed = Buffer.from(bytes)
    for (const [at, byte] of changes) changed[at] = byte
    return changed
  })
}

/** Brackets within brackets, closed or not. */
const nested = fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.constantFrom('[', '{"a":', '[[{"parent":'), fc.boolean(), fc.constantFrom('', '{"parent":', '{"parent":{"spec":'))
  .map(([depth, opening, closed, before]) => {
    const closing = { '[': ']', '{': '}' }
    const opened = before + opening.repeat(depth)
    const ends = closed ? [...(opening.repeat(depth) + before).replace(/[^[{]/g, '')].map(bracket => closing[bracket as '[']).join('') : ''
    return Buffer.from(`${opened}${closed ? 'null' : ''}${ends}`)
  })

const otherHeaders = fc.oneof(
  fc.constantFrom<Record<string, string>>({}, { 'content-type': '' }, { 'content-type': 'text/plain' }, { 'content-type': 'application/json; charset=utf-16' }, { 'content-type': 'application/json;' }, { 'content-type': 'application/x-www-form-urlencoded' }, { 'content-type': 'application/json, text/plain' }),
  fc.constantFrom<Record<string, string>>({ expect: '100-continue' }, { 'if-none-match': '*' }, { authorization: 'Bearer x' }, { 'x-forwarded-for': '::1' }, { range: 'bytes=0-1' }, { cookie: 'a'.repeat(8000) }).map(headers => ({ ...json, ...headers })),
  fc.integer({ min: 1, max: 10_000 }).map(length => ({ ...json, 'x-a': 'a'.repeat(length) }))
)

/** Bodies in another encoding than the headers say, or that the headers say nothing of. */
function otherEncodings (text: string): Arbitrary<Attack> {
  return fc.constantFrom(
    { headers: { ...json, 'content-encoding': 'gzip' }, body: gzipSync(text) },
    { headers: json, body: gzipSync(text) },
    { headers: json, body: Buffer.from(text, 'utf16le') },
    { headers: json, body: Buffer.from(`\ufeff${text}`) },
    { headers: json, body: Buffer.from(text.replaceAll('e', 'é'), 'latin1') },
    { headers: json, body: Buffer.from([0xff, 0xfe, 0x00]) },
    { headers: json, body: Buffer.alloc(0) }
  )
}

/** A good request of some size, or more than is read. */
function large (text: string): Arbitrary<Buffer> {
  return fc.tuple(fc.oneof({ weight: 15, arbitrary: fc.integer({ min: 1, max: 100 }) }, { weight: 1, arbitrary: fc.integer({ min: 900, max: 1100 }) }), fc.constantFrom('"a"', '[]', '{"a":1}', '"€€"', '0'))
    .map(([kilobytes, unit]) => Buffer.from(`{"related":[${`${unit},`.repeat(kilobytes * 1024 / (Buffer.byteLength(unit) + 1))}0],${text.slice(1)}`))
}

/** What is written to a connection as it is: bad requests, several at once, cut short, or left half open. */
function rawBytes (text: string): Arbitrary<Attack> {
  const length = Buffer.byteLength(text)
  const headers = `Host: hook\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n`
  const whole = `POST /sync HTTP/1.1\r\n${headers}\r\n${text}`
  const bad = fc.constantFrom(
    `GET /sync HTTP/1.1\r\n${headers}\r\n${text}`,
    `POST /${'a'.repeat(3000)} HTTP/1.1\r\n${headers}\r\n${text}`,
    `POST /sync/%2e%2e/%00 HTTP/1.1\r\n${headers}\r\n${text}`,
    `POST /sync HTTP/1.1\r\n${headers}X-Large: ${'a'.repeat(20_000)}\r\n\r\n${text}`,
    `POST /sync HTTP/1.1\r\n${headers}Transfer-Encoding: chunked\r\n\r\n${length.toString(16)}\r\n${text}\r\n0\r\n\r\n`,
    `POST /sync HTTP/1.1\r\nHost: hook\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n${text}`,
    `POST /sync HTTP/1.1\r\nContent-Length: -1\r\n${headers}\r\n${text}`,
    `POST /sync HTTP/1.1\r\nHost: hook\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n${text}`,
    `POST /sync HTTP/9.9\r\n${headers}\r\n${text}`,
    `POST /sync HTTP/1.1\n${headers.replaceAll('\r\n', '\n')}\n${text}`,
    `BREW /sync HTTP/1.1\r\n${headers}\r\n${text}`,
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    whole.repeat(3),
    `${whole}POST /sync HTTP/1.1\r\n`
  )
  return fc.oneof(
    bad.map(text => ({ bytes: Buffer.from(text), halfOpen: false })),
    fc.nat(whole.length).map(length => ({ bytes: Buffer.from(whole.slice(0, length)), halfOpen: false })),
    fc.uint8Array({ maxLength: 200 }).map(bytes => ({ bytes: Buffer.from(bytes), halfOpen: false })),
    fc.nat(whole.length - 1).map(length => ({ bytes: Buffer.from(whole.slice(0, length)), halfOpen: true }))
  )
}
