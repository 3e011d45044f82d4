import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { changedFiles, copyRepository, run, type Result } from './copy.js'
import { examples, isMade } from './examples.js'

/*
 * Part of `npm run lint` and `npm run typecheck`: checks the results of the documents' examples, in order, with their tests.
 * Its argument is `style` or `types`. A made source has the same examples, which its author need not maintain.
 */

if (isMade) process.exit()
const folder = copyRepository({ teardown: clean => process.once('exit', clean) })
const checks: Record<string, () => Promise<Result>> = { style: checkStyle, types: checkTypes }
const applied: Result[] = []
for (const apply of Object.values(examples)) applied.push(await apply(folder))
const { code, output } = applied.find(({ code }) => code !== 0) ?? await checks[process.argv[2] ?? '']!()
if (code !== 0) console.error(`the examples of the documents:\n${output}`)
process.exitCode = code ?? 1

async function checkTypes (): Promise<Result> {
  return await run(folder, 'npm', ['run', '--silent', 'tsc', '--', '-p', 'test'])
}

/** Lints the changed files, by the rules for their folders. */
async function checkStyle (): Promise<Result> {
  const changed = changedFiles(folder).map(filePath => ({ filePath, code: readFileSync(join(folder, filePath), 'utf8').trimEnd() }))
  const { code, output } = await run('.', process.execPath, ['test/lint-text.mjs'], JSON.stringify(changed))
  if (code !== 0) return { code, output }
  const mistakes = (JSON.parse(output) as string[][]).flatMap((rules, index) => rules.map(rule => `${changed[index]!.filePath}: ${rule}`))
  return { code: Math.min(mistakes.length, 1), output: mistakes.join('\n') }
}
