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
    ['{"extensions":{"Team":"a"}}', 'extension name must be lower-case letters and digits, got "Team"'],
    ['{"extensions":{"my-team":"a"}}', 'extension name must be lower-case letters and digits, got "my-team"'],
    ['{"extensions":{"":"a"}}', 'extension name must be lower-case letters and digits, got ""'],
    ['{"extensions":{"data_base64":"a"}}', 'extension name must be lower-case letters and digits, got "data_base64"'],
    ['{"extensions":{"__proto__":"a"}}', 'extension name must be lower-case letters and digits, got "__proto__"'],
    ['{"extensions":{"a":1}}', 'extension a must be a string, got 1'],
    ['{"extensions":{"a":null}}', 'extension a must be a string, got null'],
    ['{"extensions":{"a":"two\\nlines"}}', 'extension a must not have control characters, noncharacters or lone surrogates, got "two\\nlines"'],
    ['{"extensions":{"a":"\\ud800"}}', 'extension a must not have control characters, noncharacters or lone surrogates, got "\\ud800"'],
    ['{"extensions":{"a":"\\uffff"}}', 'extension a must not have control characters, noncharacters or lone surrogates, got "\uffff"'],
    ...['id', 'source', 'specversion', 'type', 'datacontenttype', 'dataschema', 'subject', 'time', 'data'].map((name): [string, string] =>
      [`{"extensions":{"${name}":"a"}}`, `extension name must not be an attribute of CloudEvents itself, got "${name}"`]),
    ...['validate', 'schemaurl', 'constructor'].map((name): [string, string] =>
      [`{"extensions":{"${name}":"a"}}`, `extension name "${name}" is none that the CloudEvents SDK can send`])
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
