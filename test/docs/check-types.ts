import { copyRepository, run, type Result } from './copy.js'
import { examples, isMade } from './examples.js'

/* Part of `npm run typecheck`: checks the results of the documents' examples, in order, with their tests. */

const folder = copyRepository({ teardown: clean => process.once('exit', clean) })
const applied: Result[] = []
for (const apply of Object.values(examples)) applied.push(await apply(folder))
const failed = applied.find(({ code }) => code !== 0)
if (failed === undefined || !isMade) {
  const { code, output } = failed ?? await run(folder, 'node_modules/.bin/tsc', ['-p', 'test'])
  if (code !== 0) console.error(`the examples of the documents:\n${output}`)
  process.exitCode = code ?? 1
}
