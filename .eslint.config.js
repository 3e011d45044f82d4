import { readFileSync } from 'node:fs'
import neostandard from 'neostandard'

/** The rooms of src/, and what each may import: only lower rooms. */
const house = {
  hook: ['http', 'ops', 'samplesource', 'source', 'metacontroller', 'knative', 'kubernetes', 'process'],
  cli: ['samplesource', 'source', 'metacontroller', 'knative', 'kubernetes', 'process'],
  adapter: ['telemetry', 'ops', 'knative', 'kubernetes', 'process'],
  http: ['ops', 'metacontroller', 'kubernetes'],
  samplesource: ['source', 'metacontroller', 'knative', 'kubernetes'],
  source: ['metacontroller', 'knative', 'kubernetes'],
  metacontroller: ['kubernetes'],
  knative: ['kubernetes'],
  kubernetes: [],
  telemetry: ['ops', 'knative', 'kubernetes'],
  process: [],
  ops: []
}

const pure = ['samplesource', 'source', 'knative', 'metacontroller', 'kubernetes']

/** @param exceptions files of other rooms that may be imported anyway */
const mayImportOnly = (folder, allowed, files, exceptions = []) => ({
  files,
  rules: {
    'no-restricted-imports': ['error', {
      patterns: [{
        group: Object.keys(house).filter(room => room !== folder && !allowed.includes(room)).map(room => `**/${room}/**`).concat('**/test/**', '../*.js', exceptions.map(file => `!${file}`)),
        message: `src/${folder}/ is below these: see "Layout" in docs/design.md.`
      }, ...(pure.includes(folder) ? [{ regex: '^(node:(?!crypto$)|fastify|pino)', message: 'Pure functions: no clock, environment, file or network; pass values as arguments.' }] : [])]
    }]
  }
})

/** The source's names, from names.ts. */
const names = Object.fromEntries([...readFileSync(new URL('src/samplesource/names.ts', import.meta.url), 'utf8').matchAll(/^export const (\w+) = '([^']+)'$/gm)]
  .map(([, key, value]) => [key, value]))

/** The kind in any spelling (SampleSource, samplesource, sample-source, SAMPLE_SOURCE …), and the names not derived from it. */
const sourceName = [
  names.kind.split(/(?=[A-Z])/).join('[-_ ]?'),
  ...[names.group, names.eventType, names.eventSource, names.systemNamespace].map(name => name.replaceAll('.', '\\.'))
].join('|')

/**
 * Forbids the source's name in a file: in identifiers, texts and comments. Options: `in strings`, only in texts;
 * `but in paths`, except in the name of the folder.
 */
const noSourceName = {
  meta: { type: 'problem', schema: [{ enum: ['everywhere', 'in strings', 'but in paths'] }], messages: { named: "'{{name}}' is a name of the source: import it from names.ts, or pass it as an argument." } },
  create ({ sourceCode, options: [where], report }) {
    const reportIn = (text, start, pattern) => {
      for (const { 0: name, index } of text.matchAll(new RegExp(pattern, 'gi'))) {
        const [from, to] = [start + index, start + index + name.length].map(position => sourceCode.getLocFromIndex(position))
        report({ loc: { start: from, end: to }, messageId: 'named', data: { name } })
      }
    }
    if (where !== 'in strings') return { Program: () => reportIn(sourceCode.text, 0, where === 'everywhere' ? sourceName : `(?:${sourceName})(?!/)`) }
    const check = node => {
      if (!/^(Import|Export)/.test(node.parent.type)) reportIn(sourceCode.getText(node), node.range[0], sourceName)
    }
    return { Literal: check, TemplateElement: check }
  }
}

const saysNoName = (where, files, ignores = []) => ({
  files,
  ignores,
  plugins: { house: { rules: { 'no-source-name': noSourceName } } },
  rules: { 'house/no-source-name': ['error', where] }
})

export default [
  ...neostandard({ ts: true, ignores: ['build/', 'dist/', '.tap/'] }),
  // A TypeBox schema and its type share a name; tsc finds real redeclarations.
  { rules: { '@typescript-eslint/no-redeclare': 'off' } },
  ...Object.entries(house).map(([folder, allowed]) => mayImportOnly(folder, allowed, [`src/${folder}/**/*.ts`])),
  // The only file of the adapter that is specific to this source.
  mayImportOnly('adapter', house.adapter, ['src/adapter/heartbeat.ts'], ['**/samplesource/names.js']),
  saysNoName('everywhere', ['http', 'source', 'metacontroller', 'knative', 'kubernetes', 'process', 'ops', 'telemetry', 'adapter'].map(room => `src/${room}/**/*.ts`), ['src/adapter/heartbeat.ts']),
  saysNoName('but in paths', ['src/hook/**/*.ts', 'src/cli/**/*.ts', 'src/adapter/heartbeat.ts']),
  saysNoName('in strings', ['src/samplesource/**/*.ts'], ['src/samplesource/names.ts']),
  {
    files: ['src/samplesource/names.ts'],
    rules: { 'no-restricted-syntax': ['error', { selector: 'ImportDeclaration', message: 'Only names.' }] }
  },
  {
    files: pure.map(folder => `src/${folder}/**/*.ts`),
    ignores: ['src/samplesource/names.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'performance'],
      'no-restricted-syntax': ['error', {
        selector: "NewExpression[callee.name='Date'][arguments.length=0], CallExpression[callee.object.name='Date'][callee.property.name='now'], CallExpression[callee.object.name='Math'][callee.property.name='random']",
        message: 'Pure functions: pass time and random values as arguments.'
      }]
    }
  }
]
