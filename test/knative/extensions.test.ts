import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CloudEvent } from 'cloudevents'
import fc from 'fast-check'
import t from 'tap'
import { makeEvent, toMessage } from '../../src/adapter/event.js'
import { maxExtensionBytes, validateExtensions } from '../../src/knative/extensions.js'
import { runs } from '../soak.js'

const problemsOf = (extensions: Record<string, unknown>) => validateExtensions(extensions).map(({ path, message }) => `${path}: ${message}`)

const content = { id: 'id', type: 'com.example.widget', source: 'example.com/widget', data: {} }

/** Sends an event with some extensions. @returns its headers without those that vary; undefined if it cannot be sent */
function headersWith (extensions: Record<string, string>): Record<string, string> | undefined {
  try {
    const { headers: { 'ce-time': time, 'ce-traceparent': traceparent, traceparent: header, ...headers } } = toMessage(makeEvent({ ...content, extensions }, {}), 'traceparent')
    return headers
  } catch {
    return undefined
  }
}

/** Whether an event has an extension and is otherwise unchanged. */
function isCarried (name: string, value: string): boolean {
  const { [`ce-${name}`]: carried, ...rest } = headersWith({ [name]: value }) ?? {}
  return carried === value && JSON.stringify(rest) === JSON.stringify(headersWith({}))
}

t.test('names of extensions', async t => {
  const pattern = 'expected a name of lower-case letters and digits (256 at most)'
  for (const name of ['', 'Team', 'my-team', 'data_base64', '__proto__', 'toString', 'ä', 'a\n']) t.same(problemsOf({ [`${name}`]: 'x' }), [`[${JSON.stringify(name)}]: ${pattern}`])
  t.same(problemsOf({ ['a'.repeat(257)]: 'x' }), [`["${'a'.repeat(100)}…"]: ${pattern}`])
  for (const name of ['id', 'source', 'specversion', 'type', 'datacontenttype', 'dataschema', 'subject', 'time', 'data']) {
    t.same(problemsOf({ [name]: 'x' }), [`["${name}"]: expected another name: this one is an attribute of CloudEvents`])
  }
  for (const name of ['constructor', 'schemaurl', 'validate']) {
    t.same(problemsOf({ [name]: 'x' }), [`["${name}"]: expected another name: the CloudEvents SDK cannot send this one`])
  }
  t.same(problemsOf({ a: '', 1: '', ['a'.repeat(256)]: 'x' }), [])
})

t.test('every name that the SDK has for something, or any word in it, is refused or carried', async t => {
  const words = new Set<string>()
  for (const object of [new CloudEvent({ type: 'a', source: 'b' }), CloudEvent, {}, [], '', 0, () => {}, globalThis]) {
    for (let prototype: unknown = Object(object); prototype !== null; prototype = Object.getPrototypeOf(prototype)) Object.getOwnPropertyNames(prototype).forEach(word => words.add(word))
  }
  const folder = 'node_modules/cloudevents/dist'
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.js'))) {
    for (const [word] of readFileSync(join(folder, file), 'utf8').matchAll(/\w+/g)) words.add(word)
  }
  t.ok(words.size > 500)
  const names = new Set([...words].flatMap(word => [word, word.toLowerCase()]))
  const wrong = [...names].filter(name => problemsOf({ [name]: '' }).length === 0 && !['', '0', 'false', 'x'].every(value => isCarried(name, value)))
  t.same(wrong, [])
})

t.test('values of extensions', async t => {
  const value = 'expected a text without control characters, noncharacters and lone surrogates, got'
  for (const text of ['samples\n', '\u0000', '\u009f', '\ufdd0', '\uffff', '\u{1fffe}', '\u{10ffff}', '\ud800', 'a\udc00']) {
    t.same(problemsOf({ team: text }), [`.team: ${value} ${text === '\u009f' ? '"\\u009f"' : JSON.stringify(text)}`])
  }
  t.same(problemsOf({ a: '', b: ' \u00a0\ufffd', c: '"%$(NAME)\\', d: '€😀', traceparent: 'given' }), [])
})

t.test('values of the wrong type, or too long, are left to the schema', async t => {
  t.same(problemsOf({ a: 1, b: null, c: '\n'.repeat(8193), d: 'x' }), [])
})

t.test('the total size of extensions is limited, by their form in the headers of an event', async t => {
  const tooMuch = (bytes: number) => [`: expected at most 8192 bytes of names and values, percent-encoded as events carry them, got ${bytes}`]
  t.equal(maxExtensionBytes, 8192)
  t.same(problemsOf({ a: 'x'.repeat(8191) }), [])
  t.same(problemsOf({ a: 'x'.repeat(8192) }), tooMuch(8193))
  t.same(problemsOf({ a: ' '.repeat(2730) }), [], 'a space is three bytes')
  t.same(problemsOf({ a: ' '.repeat(2731) }), tooMuch(8194))
  t.same(problemsOf({ a: '€'.repeat(911) }), tooMuch(8200))
  const many = (count: number, length: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`extension${index}`, 'x'.repeat(length)]))
  t.same(problemsOf(many(17, 8000)).length, 1)
  t.same(problemsOf(many(64, 8192)).length, 1)
  t.same(problemsOf(many(64, 110)), [])
  t.match(problemsOf({ a: 'x'.repeat(8192), 'my-ext': '', c: '\n' }), [/^\["my-ext"\]/, /^\.c/, /got 8193$/], 'what cannot be sent does not count')
})

t.test('an event has every valid extension unchanged', async t => {
  const name = fc.oneof(fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789') }), fc.constantFrom('id', 'data', 'validate', 'schemaurl', 'constructor', 'toString', '__proto__'))
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string({ unit: fc.nat(0xffff).map(code => String.fromCharCode(code)) }))
  fc.assert(fc.property(fc.dictionary(name, value, { maxKeys: 5 }), extensions => {
    if (validateExtensions(extensions).length > 0) return
    const { headers } = toMessage(makeEvent({ ...content, extensions }, {}), 'traceparent')
    for (const [name, value] of Object.entries(extensions)) {
      if (decodeURIComponent(headers[`ce-${name}`] as string) !== value) throw new Error(`${name}: ${headers[`ce-${name}`]}`)
    }
  }), { numRuns: runs(1000) })
})
