import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/*
 * Writes build/rooms/: for each folder of build/test/ one file that imports its tests in order. `npm test` runs these
 * files, because starting a process with tap and the shared code of a folder takes longer than most tests.
 * Tests outside of the folders measure their own process, so each of them keeps one.
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

/** A test that runs while the others are loaded: tap ends as soon as no test runs. */
function roomOf (imports) {
  return ["import t from 'tap'", '', "t.test('all are loaded', async () => {", ...imports, '})', ''].join('\n')
}
