import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import coveredBy from './coverage-map.mjs'

/*
 * Writes, for each folder of build/test/, a file that imports its tests in order: into build/rooms/ if they count for the
 * coverage, or into build/programs/. `npm test` runs these files, because starting a process with tap and the shared code
 * of a folder takes longer than most tests. Tests outside of the folders measure their own process, so each of them keeps
 * one.
 */

const tests = 'build/test'
const [rooms, programs] = ['build/rooms', 'build/programs']

for (const folder of [rooms, programs]) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
}
for (const room of readdirSync(tests, { recursive: true, withFileTypes: true }).filter(entry => entry.isDirectory())) {
  const folder = join(room.parentPath, room.name)
  const files = readdirSync(folder).filter(name => name.endsWith('.test.js')).sort()
  const imports = files.map(name => `  await import('../test/${relative(tests, join(folder, name))}')`)
  const file = `${relative(tests, folder).replaceAll('/', '-')}.test.js`
  const counts = coveredBy(join(rooms, file)) !== null
  if (files.length > 0) writeFileSync(join(counts ? rooms : programs, file), roomOf(imports))
}

/** A test that runs while the others are loaded: tap ends as soon as no test runs. */
function roomOf (imports) {
  return ["import t from 'tap'", '', "t.test('all are loaded', async () => {", ...imports, '})', ''].join('\n')
}
