import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/*
 * Writes build/rooms/: for each folder of build/test/ one file that imports the tests in it, one after the other. These are
 * what `npm test` runs: a process that loads tap and what the tests of a folder have in common takes longer than most tests.
 * Those that lie in no folder measure a process of their own, and keep it.
 */

const tests = 'build/test'
const rooms = 'build/rooms'

rmSync(rooms, { recursive: true, force: true })
mkdirSync(rooms)
for (const room of readdirSync(tests, { recursive: true, withFileTypes: true }).filter(entry => entry.isDirectory())) {
  const folder = join(room.parentPath, room.name)
  const files = readdirSync(folder).filter(name => name.endsWith('.test.js')).sort()
  const imports = files.map(name => `  await import('../test/${relative(tests, join(folder, name))}')`)
  if (files.length > 0) writeFileSync(join(rooms, `${relative(tests, folder).replaceAll('/', '-')}.test.js`), roomOf(imports))
}

/** While they are loaded, a test is under way: tap comes to its end as soon as none is. */
function roomOf (imports) {
  return ["import t from 'tap'", '', "t.test('all are loaded', async () => {", ...imports, '})', ''].join('\n')
}
