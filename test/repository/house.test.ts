import { spawnSync } from 'node:child_process'
import t from 'tap'
import { command, eventType, group, kind } from '../../src/samplesource/names.js'

/* The rules of the house in the linter: which room may import which, and no general file has the source's name. */

/** A file, its content, and the rules that it breaks. */
type Case = [filePath: string, code: string, rules: string[]]

const importing = (path: string) => `export { x } from '${path}'`

/** Imports point downward. */
const forbidden: Array<[string, string]> = [
  ['http', '../source/x.js'], ['http', '../hook/x.js'], ['http', '../knative/x.js'],
  ['samplesource', '../http/x.js'], ['samplesource', '../adapter/x.js'], ['samplesource', '../hook/x.js'], ['samplesource', '../process/x.js'],
  ['metacontroller', '../knative/x.js'], ['metacontroller', '../source/x.js'], ['knative', '../metacontroller/x.js'],
  ['kubernetes', '../metacontroller/x.js'], ['kubernetes', '../knative/x.js'], ['process', '../http/x.js'],
  ['hook', '../adapter/x.js'], ['hook', '../cli/x.js'], ['cli', '../http/x.js'], ['cli', '../hook/x.js'],
  ['telemetry', '../adapter/x.js'], ['telemetry', '../http/x.js'], ['http', '../telemetry/x.js'],
  ['adapter', '../http/x.js'], ['adapter', '../metacontroller/x.js'], ['adapter', '../source/x.js'],
  ['hook', '../../test/x.js'], ['kubernetes', '../../test/kubernetes/x.js']
]
const allowed: Array<[string, string]> = [
  ['hook/x.ts', '../http/x.js'], ['hook/x.ts', '../samplesource/x.js'], ['hook/x.ts', '../process/x.js'], ['cli/x.ts', '../samplesource/x.js'],
  ['http/x.ts', '../metacontroller/x.js'], ['samplesource/x.ts', '../source/x.js'], ['source/x.ts', '../metacontroller/x.js'],
  ['source/x.ts', '../knative/x.js'], ['knative/x.ts', '../kubernetes/x.js'], ['adapter/heartbeat.ts', '../samplesource/names.js'], ['adapter/x.ts', '../process/x.js'], ['adapter/x.ts', '../telemetry/x.js']
]
const importCases: Case[] = [
  ...forbidden.map(([room, path]): Case => [`${room}/x.ts`, importing(path), ['no-restricted-imports']]),
  ...allowed.map(([file, path]): Case => [file, importing(path), []]),
  ...['adapter', 'http', 'source'].map((room): Case => [`${room}/x.ts`, importing('../samplesource/names.js'), ['house/no-source-name', 'no-restricted-imports']]),
  ['adapter/heartbeat.ts', importing('../samplesource/schema.js'), ['no-restricted-imports']],
  ['samplesource/names.ts', "import x from './x.js'\nexport { x }", ['no-restricted-syntax']]
]

const words = kind.split(/(?=[A-Z])/).map(word => word.toLowerCase())
const spellings = [kind, words.join(''), words.join('-'), words.join('_'), words.join('_').toUpperCase(), words.join(' '), `${words[0]}${kind.slice(words[0]!.length)}s`, group, eventType]

/** No general file has the name of the source, in any spelling. */
const files = ['http/x.ts', 'source/x.ts', 'metacontroller/x.ts', 'knative/x.ts', 'kubernetes/x.ts', 'process/x.ts', 'telemetry/x.ts', 'adapter/x.ts', 'hook/x.ts', 'cli/x.ts', 'adapter/heartbeat.ts']
const template = ['export const template = `$', `{1}-${command}-\``].join('')
const lines = [...spellings.map((spelling, index) => `export const x${index} = '${spelling}'`), `// A ${kind}.`, `export const make${kind} = 1`, template]
const nameCases: Case[] = [
  ...files.map((file): Case => [file, lines.join('\n'), lines.map(() => 'house/no-source-name')]),
  ['http/x.ts', `// samplesource/${command}.ts`, ['house/no-source-name', 'house/no-source-name']],
  ['hook/x.ts', '// samplesource/x.ts', []]
]

/** The domain takes its names from one place. */
const domainCases: Case[] = [
  ['samplesource/x.ts', `export const x = '${command}-x'`, ['house/no-source-name']],
  ['samplesource/x.ts', `// Of a ${kind}.\nexport const is${kind} = 1`, []]
]

t.test('the linter enforces the rules of the house', async t => {
  const cases = [...importCases, ...nameCases, ...domainCases]
  const input = JSON.stringify(cases.map(([filePath, code]) => ({ filePath: `src/${filePath}`, code })))
  const { stdout, stderr } = spawnSync(process.execPath, ['test/lint-text.mjs'], { input, encoding: 'utf8', env: { PATH: process.env['PATH'] } })
  t.equal(stderr, '')
  const found: string[][] = JSON.parse(stdout)
  for (const [index, [filePath, code, rules]] of cases.entries()) t.same(found[index], rules, `${filePath}: ${code}`)
})
