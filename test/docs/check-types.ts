import { rmSync } from 'node:fs'
import { copyRepository, run } from './copy.js'
import { examples, isMade } from './examples.js'

/* Part of `npm run typecheck`: what the documents' examples come to is checked, too. */

for (const [name, apply] of Object.entries(examples)) {
  const folder = copyRepository({ teardown: clean => process.once('exit', clean) })
  const applied = await apply(folder)
  if (applied.code !== 0 && isMade) continue
  const checked = applied.code === 0 ? await run(folder, 'node_modules/.bin/tsc', ['-p', 'test']) : applied
  rmSync(folder, { recursive: true })
  if (checked.code === 0) continue
  console.error(`the example ${name}:\n${checked.output}`)
  process.exitCode = 1
}
