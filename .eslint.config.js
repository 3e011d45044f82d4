import { readFileSync } from 'node:fs'
import neostandard from 'neostandard'

/** The rooms of src/, and what each may import: only what is lower. */
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

/** @param exceptions files of others that may be imported all the same */
const mayImportOnly = (folder, allowed, files, exceptions = []) => ({
  files,
  rules: {
    'no-restricted-imports': ['error', {
      patterns: [{
        group: Object.keys(house).filter(room => room !== folder && !allowed.includes(room)).map(room => `**/${room}/**`).concat('../*.js', exceptions.map(file => `!${file}`)),
        message: `src/${folder}/ is below these: see "Layout" in docs/design.md.`
      }, ...(pure.includes(folder) ? [{ regex: '^(node:(?!crypto$)|fastify|pino)', message: 'Pure functions: no clock, environment, file or network; they come in as arguments.' }] : [])]
    }]
  }
})

/** The source's names, from the one place where they stand. */
const names = Object.fromEntries([...readFileSync(new URL('src/samplesource/names.ts', import.meta.url), 'utf8').matchAll(/^export const (\w+) = '([^']+)'$/gm)]
  .map(([, key, value]) => [key, value]))

/** The kind in any spelling (SampleSource, samplesource, sample-source, SAMPLE_SOURCE …), and the names that have another root. */
const sourceName = [
  names.kind.split(/(?=[A-Z])/).join('[-_ ]?'),
  ...[names.group, names.eventType, names.eventSource, names.systemNamespace].map(name => name.replaceAll('.', '\\.'))
].join('|')

/**
 * Refuses the source's name, in whatever a file says: identifiers, texts and comments.
 * Options: `strings`, only texts; `paths`, not the folder of that name.
 */
const noSourceName = {
  meta: { type: 'problem', schema: [{ enum: ['everywhere', 'in strings', 'but in paths'] }], messages: { named: "'{{name}}' is a name of the source: it stands in names.ts, and comes here as an argument or an import." } },
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
  // A TypeBox schema and its type share a name; tsc finds what is really declared twice.
  { rules: { '@typescript-eslint/no-redeclare': 'off' } },
  ...Object.entries(house).map(([folder, allowed]) => mayImportOnly(folder, allowed, [`src/${folder}/**/*.ts`])),
  // The one file of the adapter that is this source's own.
  mayImportOnly('adapter', house.adapter, ['src/adapter/heartbeat.ts'], ['**/samplesource/names.js']),
  saysNoName('everywhere', ['http', 'source', 'metacontroller', 'knative', 'kubernetes', 'process', 'ops', 'telemetry', 'adapter'].map(room => `src/${room}/**/*.ts`), ['src/adapter/heartbeat.ts']),
  saysNoName('but in paths', ['src/hook/**/*.ts', 'src/cli/**/*.ts', 'src/adapter/heartbeat.ts']),
  saysNoName('in strings', ['src/samplesource/**/*.ts'], ['src/samplesource/names.ts']),
  {
    files: ['src/samplesource/names.ts'],
    rules: { 'no-restricted-syntax': ['error', { selector: 'ImportDeclaration', message: 'Names, and nothing else.' }] }
  },
  {
    files: pure.map(folder => `src/${folder}/**/*.ts`),
    ignores: ['src/samplesource/names.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'performance'],
      'no-restricted-syntax': ['error', {
        selector: "NewExpression[callee.name='Date'][arguments.length=0], CallExpression[callee.object.name='Date'][callee.property.name='now'], CallExpression[callee.object.name='Math'][callee.property.name='random']",
        message: 'Pure functions: time and chance come in as arguments.'
      }]
    }
  }
]
