import t from 'tap'
import { parseOverrides } from '../../src/adapter/overrides.js'

t.test('extensions', async t => {
  const table: Array<[string, Record<string, string>]> = [
    ['{}', {}],
    ['{"extensions":{}}', {}],
    ['{"extensions":null}', {}],
    ['{"extensions":{"team":"checkout","a1":"","zoë":"x"}}'.replace('zoë', 'zoe'), { team: 'checkout', a1: '', zoe: 'x' }],
    ['{"extensions":{"traceparent":"given"},"more":1}', { traceparent: 'given' }]
  ]
  for (const [json, extensions] of table) {
    const mistakes: string[] = []
    t.same(parseOverrides(json, mistakes), extensions)
    t.same(mistakes, [], json)
  }
})

t.test('mistakes', async t => {
  const table: Array<[string, string]> = [
    ['{', 'must be a JSON object, got "{"'],
    ['[]', 'must be a JSON object, got "[]"'],
    ['"a"', 'must be a JSON object, got "\\"a\\""'],
    ['{"extensions":[]}', 'extensions must be an object'],
    ...['Team', 'my-team', '', 'data_base64', '__proto__'].map((name): [string, string] =>
      [`{"extensions":{"${name}":"a"}}`, `extensions["${name}"]: expected a name of lower-case letters and digits (256 at most)`]),
    ['{"extensions":{"a":1}}', 'extensions["a"]: expected a string of at most 8192 characters, got 1'],
    ['{"extensions":{"a":null}}', 'extensions["a"]: expected a string of at most 8192 characters, got null'],
    [`{"extensions":{"a":"${'x'.repeat(8193)}"}}`, `extensions["a"]: expected a string of at most 8192 characters, got "${'x'.repeat(100)}…"`],
    ['{"extensions":{"a":"two\\nlines"}}', 'extensions.a: expected a text without control characters, noncharacters and lone surrogates, got "two\\nlines"'],
    [`{"extensions":{"a":"${'x'.repeat(8192)}"}}`, 'extensions: expected at most 8192 bytes of names and values, percent-encoded as events carry them, got 8193'],
    ['{"extensions":{"subject":"a"}}', 'extensions["subject"]: expected another name: this one is an attribute of CloudEvents'],
    ['{"extensions":{"validate":"a"}}', 'extensions["validate"]: expected another name: the CloudEvents SDK cannot send this one']
  ]
  for (const [json, mistake] of table) {
    const mistakes: string[] = []
    parseOverrides(json, mistakes)
    t.same(mistakes, [mistake], json)
  }
})

t.test('each of several', async t => {
  const mistakes: string[] = []
  parseOverrides('{"extensions":{"id":"a","ok":"b","B":"c"}}', mistakes)
  t.equal(mistakes.length, 2)
})
