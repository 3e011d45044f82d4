import neostandard from 'neostandard'

/** Imports point downward only: main → http → samplesource → knative, metacontroller → kubernetes; main, adapter → process; http, adapter → ops. */
const mayNotImport = (folder, others, exceptions = []) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': ['error', {
      patterns: [{
        group: others.map(other => `**/${other}/**`).concat('../*.js', exceptions),
        message: `src/${folder}/ is below these: see "Layout" in the README.`
      }, ...(pure.includes(folder) ? [{ regex: '^(node:(?!crypto$)|fastify|pino)', message: 'Pure functions: no clock, environment, file or network; they come in as arguments.' }] : [])]
    }]
  }
})

const pure = ['samplesource', 'knative', 'metacontroller', 'kubernetes']

export default [
  ...neostandard({ ts: true, ignores: ['dist/', '.tap/'] }),
  // A TypeBox schema and its type share a name; tsc finds what is really declared twice.
  { rules: { '@typescript-eslint/no-redeclare': 'off' } },
  mayNotImport('process', ['ops', 'http', 'adapter', 'samplesource', 'knative', 'metacontroller', 'kubernetes']),
  mayNotImport('http', ['adapter', 'process']),
  // What the hook promises of the events is written once.
  mayNotImport('adapter', ['http', 'samplesource', 'metacontroller'], ['!**/samplesource/cloud-event.js']),
  mayNotImport('samplesource', ['http', 'adapter', 'ops', 'process']),
  mayNotImport('knative', ['http', 'adapter', 'ops', 'process', 'samplesource', 'metacontroller']),
  mayNotImport('metacontroller', ['http', 'adapter', 'ops', 'process', 'samplesource', 'knative']),
  mayNotImport('kubernetes', ['http', 'adapter', 'ops', 'process', 'samplesource', 'knative', 'metacontroller']),
  // What both programs' ports share: it can be below both only if it knows neither.
  mayNotImport('ops', ['http', 'adapter', 'process', 'samplesource', 'knative', 'metacontroller', 'kubernetes']),
  {
    files: pure.map(folder => `src/${folder}/**/*.ts`),
    rules: {
      'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'performance'],
      'no-restricted-syntax': ['error', {
        selector: "NewExpression[callee.name='Date'][arguments.length=0], CallExpression[callee.object.name='Date'][callee.property.name='now'], CallExpression[callee.object.name='Math'][callee.property.name='random']",
        message: 'Pure functions: time and chance come in as arguments.'
      }]
    }
  }
]
