import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { parse } from 'yaml'
import yaml11 from 'yaml-js'
import { readYaml } from '../../src/kubernetes/read-yaml.js'
import { writeYaml } from '../../src/kubernetes/write-yaml.js'
import { runs } from '../soak.js'

/*
 * The expected values are those of sigs.k8s.io/yaml 1.6.0 (on go.yaml.in/yaml/v2 2.4.2) for the same texts: kubectl is
 * built on it. yaml-js is a port of PyYAML, and reads YAML 1.1; yaml reads 1.2.
 */

const numbers = '-0 = 0, +0 = 0, 00 = 0, 010 = 8, -010 = -8, 08 = 8, 018.5 = 18.5, 0o10 = 8, 0O10 = 8, 0x1F = 31, 0X1f = 31, -0x1F = -31, +0x1 = 1, 0x_f = 15, ' +
  '0b11 = 3, 0B11 = 3, -0b11 = -3, +0b1 = 1, 0b_1 = 1, 1_000 = 1000, 1__0 = 10, +_1 = 1, 1_ = 1, .5 = 0.5, -.5 = -0.5, +.5 = 0.5, .5_0 = 0.5, ' +
  '5. = 5, 1._5 = 1.5, 1_0.5 = 10.5, 0e0 = 0, 1e3 = 1000, 1.5E+3 = 1500, 1e-3 = 0.001, 9007199254740991 = 9007199254740991, ' +
  '0x8000000000000000 = 9223372036854775808, 18446744073709551616 = 18446744073709551616, -9223372036854775809 = -9223372036854775808, ' +
  '0777777777777777777777777 = 7.777777777777778e23, -0b1000000000000000000000000000000000000000000000000000000000000000 = -9223372036854775808, !!int "1" = 1, !!int 010 = 8, !!float 1 = 1, !!float 0x10 = 16'

/** Plain scalars that are not the text that they look like. */
const scalars: Array<[string, unknown]> = [
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', 'true', 'True', 'TRUE', '!!bool yes', '!!bool "on"'].map((text): [string, unknown] => [text, true]),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF', 'false', 'False', 'FALSE'].map((text): [string, unknown] => [text, false]),
  ...['', '~', 'null', 'Null', 'NULL', '!!null ""', '# nothing', '&anchor'].map((text): [string, unknown] => [text, null]),
  ...numbers.split(', ').map(line => line.split(' = ') as [string, string]).map(([text, number]): [string, unknown] => [text, Number(number)]),
  ['!!binary aGVs\n  bG8=', 'hello'], ['!!str 1', '1'], ['! 1', '1'], ['!mine 1', '1'], ['!!timestamp 2001-01-01', '2001-01-01'], ['!!str', ''], ['"1"', '1'], ["'no'", 'no'], ['|\n  1', '1\n']
]

/** Plain scalars that are. */
const texts = ('tRUE nULL 0o8 0b 0b2 0xg _1 . .. .5__0 ._5 1e400 .1e400 1:30 1:30:45 190:20:30 1:30.5 2024-01-01 2024-1-1 2024-01-01T00:00:00Z 1.2.3 1,000 = << ' +
  '0x10000000000000000 1e 10s 2Gi 250m 1h30m infinity NaN inf nan -a').split(' ')

/** A text as the name of a test. */
const named = (text: string) => JSON.stringify(text.slice(0, 100)).replaceAll('\u2028', '\\u2028')

t.test('a scalar is read as by kubectl', async t => {
  for (const [text, value] of [...scalars, ...texts.map((text): [string, unknown] => [text, text])]) {
    t.strictSame(readYaml(`a: ${text}`), [{ a: value }], named(text))
  }
})

t.test('the rest of YAML 1.1, and JSON', async t => {
  const table: Array<[string, unknown[]]> = [
    ['', []], ['# nothing', []], ['---\n---\nnull\n---\na: 1\n--- # second\nb: 2\n', [{ a: 1 }, { b: 2 }]], ['just text', ['just text']],
    // Keys are strings.
    ['{no: 1, 010: 2, 1.5: 3, 2001-01-01: 4}', [{ false: 1, 8: 2, 1.5: 3, '2001-01-01': 4 }]],
    ['{1_000_000: 1, 0xffffffff: 2, 9007199254740991: 3, -0.25: 4, 1e3: 5}', [{ 1000000: 1, 4294967295: 2, 9007199254740991: 3, '-0.25': 4, 1000: 5 }]],
    // Any line break ends a comment.
    ['a: 1 # one\rb: 2\r\nc: 3', [{ a: 1, b: 2, c: 3 }]], ['a: "x\r y"\r', [{ a: 'x y' }]],
    ['__proto__: {a: 1}', [JSON.parse('{"__proto__": {"a": 1}}')]],
    // Keys after a merge override it, and keys before it do not.
    ['- &b {k: 1, j: 2}\n- {<<: *b, k: 9}\n- {k: 9, <<: *b}', [[{ k: 1, j: 2 }, { k: 9, j: 2 }, { k: 1, j: 2 }]]],
    ['- &x {k: 1}\n- &y {k: 2, m: 3}\n- <<: [*x, *y]\n- !!merge <<: *y', [[{ k: 1 }, { k: 2, m: 3 }, { k: 1, m: 3 }, { k: 2, m: 3 }]]],
    ['- &x {k: 1}\n- {<<: &l [*x, {k: 2, m: 3}]}\n- *l', [[{ k: 1 }, { k: 1, m: 3 }, [{ k: 1 }, { k: 2, m: 3 }]]]],
    ['"<<": {a: 1}', [{ '<<': { a: 1 } }]], ["? '<<'\n: 1", [{ '<<': 1 }]],
    ['- &a [1]\n- *a\n- &a 2\n- *a', [[[1], [1], 2, 2]]],
    ['a: !!omap [b: 1]\nc: !!set {d}\ne: !mine {f: 1}', [{ a: [{ b: 1 }], c: { d: null }, e: { f: 1 } }]],
    // A sequence of JSON objects, with braces in a string.
    ['{"a": "}\\"{"}\n{\n\t"b": [{}]}{"c": 1e3}\n', [{ a: '}"{' }, { b: [{}] }, { c: 1000 }]],
    ['{"a": "\\/\\ud83d\\ude00\u2028"}', [{ a: '/😀\u2028' }]],
    ['{a: 1}\n---\nb: 2', [{ a: 1 }, { b: 2 }]], ['{a: 1} # one', [{ a: 1 }]], ['{a: 1}\n---\n{b: 1}', [{ a: 1 }, { b: 1 }]]
  ]
  for (const [text, documents] of table) t.strictSame(readYaml(text), documents, named(text))
})

t.test('input that is hostile to other readers is plain data', async t => {
  const long = 'x'.repeat(10_000)
  const table: Array<[string, unknown[]]> = [
    ['a: !!js/function "function () {}"\nb: !!python/object/apply:os.system ["ls"]\nc: !ruby/object:Gem {x: 1}', [{ a: 'function () {}', b: ['ls'], c: { x: 1 } }]],
    ['constructor: {prototype: {a: 1}}\nhasOwnProperty: 1\ntoString: 2', [{ constructor: { prototype: { a: 1 } }, hasOwnProperty: 1, toString: 2 }]],
    ['- &a {__proto__: {x: 1}}\n- <<: *a', [[JSON.parse('{"__proto__": {"x": 1}}'), JSON.parse('{"__proto__": {"x": 1}}')]]],
    [`{"a": "${long}"}{"b": "\\"{"}`, [{ a: long }, { b: '"{' }]],
    [`? ${long}\n: 1`, [{ [long]: 1 }]]
  ]
  for (const [text, documents] of table) t.ok(isDeepStrictEqual(readYaml(text), documents), named(text))
  t.equal(({} as Record<string, unknown>)['x'], undefined)
})

t.test('invalid input is an error of one line, with line and column', async t => {
  const bomb = `${'abcdefghij'.split('').map((name, index, names) => `${name}: &${name} [${Array(10).fill(index === 0 ? 'x' : `*${names[index - 1]}`).join(', ')}]`).join('\n')}\n`
  const long = 'x'.repeat(1000)
  const table: Array<[string, string | RegExp]> = [
    ['a: 1\nb: 2\na: 3', 'duplicate key "a" at line 3, column 1'],
    ['{"a": 1,\n "a": 2}', 'duplicate key "a" at line 2, column 2'],
    ['{"a": 1}\n\n{"b": 1,\n "b": 2}', 'duplicate key "b" at line 4, column 2'],
    ['1: a\n"1": b', 'duplicate key "1" at line 2, column 1'],
    ['a: [', /^Flow sequence .* at line 1, column 5$/],
    ['a: b\n c: d\ne: }', /^[^\n]+ at line \d, column \d$/],
    ['{a: 1} {b: 1', /^[^\n]+ at line 1, column \d+$/],
    ['{a: 1} b: {c: 1}', /^[^\n]+ at line 1, column \d+$/],
    ['~: 1', 'a key must be a text at line 1, column 1'],
    ...['1e6', '1000000.5', '0.1234567', '0.00001', '9007199254740993', '.inf', '-0.0'].map((key): [string, string] => [`{a: 1,\n ${key}: 1}`, key === '.inf' ? '.inf is not a JSON number at line 2, column 2' : 'such a number must be quoted where it is a key at line 2, column 2']),
    ['? [a]\n: 1', 'a key must be a text at line 1, column 3'],
    ['a: .inf', '.inf is not a JSON number at line 1, column 4'],
    ['a:\n  - -.Inf', '-.Inf is not a JSON number at line 2, column 5'],
    ['a: .nan', '.nan is not a JSON number at line 1, column 4'],
    ['a: !!binary "***"', '!!binary is not base64 at line 1, column 13'],
    ['a: !!int x', '"x" is not a valid !!int at line 1, column 10'],
    ['a: !!float no', '"no" is not a valid !!float at line 1, column 12'],
    ['a: !!timestamp no', '"no" is not a valid !!timestamp at line 1, column 16'],
    [`a: !!null ${long}`, `"${long.slice(0, 100)}…" is not a valid !!null at line 1, column 11`],
    ['a: &a [*a]', 'the anchor "a" contains itself at line 1, column 8'],
    [`a: *${long}`, `unknown anchor "${long.slice(0, 100)}…" at line 1, column 4`],
    ['<<: 1', 'expected an object to merge, or a list of them at line 1, column 1'],
    ['- &a [{}]\n- <<: *a', 'expected an object to merge, or a list of them at line 2, column 3'],
    ['<<: [{}, 1]', 'expected an object to merge, or a list of them at line 1, column 1'],
    [bomb, /^aliases repeat too much at line \d+, column \d+$/],
    [`a: &a ${long.repeat(1000)}\nb: [${'*a, '.repeat(100)}]`, /^aliases repeat too much at line 2, column \d+$/],
    ['['.repeat(10_000), 'nested deeper than 100 levels'],
    ['{"a":'.repeat(10_000), 'nested deeper than 100 levels'],
    [`${'['.repeat(101)}${']'.repeat(101)}`, 'nested deeper than 100 levels']
  ]
  for (const [text, message] of table) t.throws(() => readYaml(text), { message }, named(text))
})

t.test('what kubectl refuses or reads in another way is an error', async t => {
  const table: Array<[text: string, message: string]> = [
    ['a: b\u2028c', 'a line break that YAML 1.2 does not know: U+0085, U+2028 or U+2029 at line 1, column 5'],
    ['{"a": 1}\n---\na: b # c\u2028d: e', 'a line break that YAML 1.2 does not know: U+0085, U+2028 or U+2029 at line 3, column 9'],
    ['a: 1\n---\n\ufeffb: 1', 'a byte order mark that is not at the beginning at line 3, column 1'],
    ...['--- {a: 1}', '--- !foo\na: 1', '--- |\n  a', '---a: 1', '---#a'].map((text): [string, string] => [text, 'only a space and a comment may follow --- at line 1, column 4']),
    ['%YAML 1.1\n---\na: 1', 'kubectl reads no directives at line 1, column 1'],
    ['%TAG ! tag:x,2000:\n---\na: 1', 'kubectl reads no directives at line 1, column 1'],
    ['a: 1\n...\nb: 1', 'kubectl reads nothing after ... until --- at line 3, column 1'],
    ['a: 1\n...\n# b\n- b', 'kubectl reads nothing after ... until --- at line 4, column 1'],
    ['a: "x\\"\nb: y"', 'missing closing quote at line 1, column 4'],
    ['a: "x\\\\\\"\nb: "y"', 'missing closing quote at line 1, column 4'],
    ['a: \'it\'\'\nb: \'x\'', 'missing closing quote at line 1, column 4'],
    ['a: [ "x\\"\n]\nb: "z"', 'missing closing quote at line 1, column 6'],
    ['a: {x:}', 'kubectl takes the colon before for a part of the text: put a space after it at line 1, column 7'],
    ['a: {x: 1, q:,}', 'kubectl takes the colon before for a part of the text: put a space after it at line 1, column 13'],
    ['a: {b:[1]}', 'kubectl takes the colon before for a part of the text: put a space after it at line 1, column 7'],
    ['a: {b :{c: 1}}', 'kubectl takes the colon before for a part of the text: put a space after it at line 1, column 8'],
    ['a: [b, x:y:]', 'kubectl takes the colon before for a part of the text: put a space after it at line 1, column 12'],
    ...['?b', 'b?', 'http://x/?y=z'].map((text): [string, string] => [`a: [${text}]`, 'a text with "?" in brackets needs quotes at line 1, column 5']),
    ['a: {b: 1, "c"\n  : 2}', 'the colon must be in the line of its key at line 2, column 3'],
    ['a: 1\n  \t# b\nb: 2', 'a tab where only spaces may be at line 2, column 3'],
    ...['a: 1\n\t\nb: 2', 'a: 1\n\t', '- a\n\t \n'].map((text): [string, string] => [text, 'a tab where only spaces may be at line 2, column 1']),
    ['\t\na: 1', 'a tab where only spaces may be at line 1, column 1'],
    ['- \ta', 'a tab where only spaces may be at line 1, column 3'],
    ['?\ta\n: b', 'a tab where only spaces may be at line 1, column 2'],
    ['? a\n:\tb', 'a tab where only spaces may be at line 2, column 2'],
    ['a: |\n\n  \tb', 'a tab where only spaces may be, before the first line of a block at line 2, column 1'],
    ['a: |2\n    x\n   \nb: 1', 'spaces in an empty line of a block whose indentation is a number at line 3, column 4'],
    ['a: |2 # b\n    x\n   \nb: 1', 'spaces in an empty line of a block whose indentation is a number at line 3, column 4'],
    ['a: |-2\n    x\n   \n  y', 'spaces in an empty line of a block whose indentation is a number at line 2, column 1'],
    ['a: |2+\n   \nb: 1', 'spaces in an empty line of a block whose indentation is a number at line 2, column 1'],
    ['a: "b\\/c"', 'kubectl does not know \\/ in quotes at line 1, column 4'],
    ['a: "\\ud83d\\ude00"', 'kubectl does not know \\ud83d in quotes at line 1, column 4'],
    ['a: "b\\\n\n  c"', 'kubectl does not know \\\\n\\n in quotes at line 1, column 4'],
    ['a: &b.c d', 'the name of an anchor has letters, digits, "_" and "-" only at line 1, column 4'],
    ['a: &b?c d', 'the name of an anchor has letters, digits, "_" and "-" only at line 1, column 4'],
    ['a: !<> b', 'a malformed tag at line 1, column 4'],
    ['a: !!int 1e3', '"1e3" is not a valid !!int at line 1, column 10'],
    ['a: !!int 1.0', '"1.0" is not a valid !!int at line 1, column 10'],
    ['a: !!binary /w==', '!!binary is not UTF-8 at line 1, column 13']
  ]
  for (const [text, message] of table) t.throws(() => readYaml(text), { message }, named(text))
})

t.test('what is like it, but the same to kubectl, is not', async t => {
  const table: Array<[text: string, values: unknown[]]> = [
    ['---\n# a\n--- # b\na: 1\n...\n# c\n---\n...\n', [{ a: 1 }]],
    ['a: "x\\\\"\nb: \'\'\'\'\nc: \'x\'\'\'\nd: ""\ne: \'\'', [{ a: 'x\\', b: "'", c: "x'", d: '', e: '' }]],
    ['a: {x: , "y":, z: }\nb: [x: ]\ng: {"x":[1]}\nc: ?d\ne: f?', [{ a: { x: null, y: null, z: null }, b: [{ x: null }], g: { x: [1] }, c: '?d', e: 'f?' }]],
    ['a:\tb\t# c\nd: e\t\nf: [\n  \tg,\t\n  ]\nh: |\n  i\n  \tj\n', [{ a: 'b', d: 'e', f: ['g'], h: 'i\n\tj\n' }]],
    ['a: |2\n   x\n\n  y\nb:\n  c: |2\n      x\n  d: 1', [{ a: ' x\n\ny\n', b: { c: '  x\n', d: 1 } }]],
    ['{"a": "b\\/c", "d": "\\ud83d\\ude00", "e":1}', [{ a: 'b/c', d: '😀', e: 1 }]],
    ['- &a [&a 1]\n- *a', [[[1], 1]]],
    ['x: &a\n  k: &a 1\nz: *a', [{ x: { k: 1 }, z: 1 }]],
    ['a: !!int 0x1E\nb: !!binary w6k=', [{ a: 30, b: 'é' }]],
    ['a: 1\r\r\n\r\nb: |\r\n  c\r\r\n\r\n  d', [{ a: 1, b: 'c\n\nd\n' }]]
  ]
  for (const [text, values] of table) t.strictSame(readYaml(text), values, named(text))
})

/** yaml-js cuts what is escaped with 8 digits to 16 bits (`String.fromCharCode`), so it gets the character itself. */
function unescaped (text: string): string {
  return text.replace(/\\(?:U([\da-f]{8})|.)/g, (escape, code?: string) => code === undefined ? escape : String.fromCodePoint(parseInt(code, 16)))
}

/** The parts of texts that a reader may misread. */
const pieces = ['y', 'no', '0b11', '1_000', '2024-01-01', ' ', '\n', '\t', ':', '#', '-', '"', "'", '\\', 'a', 'é', '😀', '\u2028', '\u0085', '\u007f', '\0', '\ufeff', '~',
  '.inf', '1e3', '0x1F', '1:30', '=', '<<', '%', '---', '...', '{', '}', '[', ']', ',', '&', '*', '!', '|', '>', '?', '@', '`', '\r', '\uffff', '\u00a0', '0', '_', '+', 'e', '\u200b', '\u{e0020}']
const anyText = fc.oneof(fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map(parts => parts.join('')), fc.string({ unit: 'binary' }))
const anyNumber = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }).map(number => number + 0), fc.constantFrom(1e21, -1e300, 1e-7))
const { anyValue } = fc.letrec<{ anyValue: unknown }>(tie => ({
  anyValue: fc.oneof({ maxDepth: 4, depthSize: 'small' }, anyText, anyNumber, fc.boolean(), fc.constant(null),
    fc.array(tie('anyValue'), { maxLength: 4 }), fc.dictionary(anyText.filter(key => key !== '__proto__'), tie('anyValue'), { maxKeys: 4, noNullPrototype: true }))
}))

t.test('the output means the same to readers of YAML 1.1 and 1.2, and to kubectl', async t => {
  const table = [...scalars.map(([text]) => text), ...texts, 'n', 'N', 'Y', '.inf', '-.INF', '.NaN', '+.inf', ' a', 'a ', 'a\n', '\na', 'a\n\n', ' a\n b', 'a\nb\n', 'a: b', '- a', '{"a": "b"}', "it's", '\ufffd']
  for (const text of table) t.strictSame([readYaml(writeYaml([text]))[0], yaml11.load(writeYaml([text])), parse(writeYaml([text]))], [[text], [text], [text]], named(text))
  fc.assert(fc.property(anyValue, value => {
    const text = writeYaml({ value })
    const expected = JSON.stringify({ value })
    return [readYaml(text)[0], yaml11.load(unescaped(text)), parse(text)].every(read => JSON.stringify(read) === expected)
  }), { numRuns: runs(1000) })
})

t.test('the output is easy to read', async t => {
  t.equal(writeYaml({ a: 'text', b: '1h30m', c: '250m', d: 'no', e: '10', f: 'two\nlines\n', g: '{"a":1}', h: [], i: ['😀 ü', '\u0085'] }), [
    'a: text', 'b: 1h30m', 'c: 250m', 'd: "no"', 'e: "10"', 'f: |', '  two', '  lines', "g: '{\"a\":1}'", 'h: []', 'i:', '  - 😀 ü', '  - "\\u0085"', ''
  ].join('\n'))
  const shared = { a: 1 }
  t.equal(writeYaml([shared, shared, { b: undefined }]), '- a: 1\n- a: 1\n- {}\n')
  t.equal(writeYaml('\ud800'), '"\ufffd"\n'.replace('\ufffd', '\\ufffd'))
})
