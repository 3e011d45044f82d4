import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import coveredBy from './coverage-map.mjs'

/*
 * Writes, for each folder of build/test/, a file that imports its tests in order: into build/rooms/ if they count for the
 * coverage, or else into build/programs/. `npm test` runs these files, because starting a process with tap and the shared
 * code of a folder takes longer than most tests. Tests outside of the folders measure their own process, so each of them
 * keeps one. build/programs.test.js, with which tap begins, runs all that count for no coverage.
 */

const tests = 'build/test'
const [rooms, programs] = ['build/rooms', 'build/programs']

for (const folder of [rooms, programs]) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
}
for (const room of readdirSync(tests, { recursive: true, withFileTypes: true }).filter(entry => entry.isDirectory())) {
  const folder = join(room.parentPath, room.name)
  const imports = testsIn(folder).map(file => `  await import('../test/${relative(tests, file)}')`)
  if (imports.length === 0) continue
  const file = `${relative(tests, folder).replaceAll('/', '-')}.test.js`
  writeFileSync(join(coveredBy(join(rooms, file)) === null ? programs : rooms, file), roomOf(imports))
}
const withoutCoverage = [...testsIn(tests), ...testsIn(programs)]
writeFileSync('build/programs.test.js', `import { runWithoutCoverage } from './test/without-coverage.js'\n\nrunWithoutCoverage(${JSON.stringify(withoutCoverage, null, 2)})\n`)

function testsIn (folder) {
  return readdirSync(folder).filter(name => name.endsWith('.test.js')).sort().map(name => join(folder, name))
}

/** A test that runs while the others are loaded: tap ends as soon as no test runs. */
function roomOf (imports) {
  return ["import t from 'tap'", '', "t.test('all are loaded', async () => {", ...imports, '})', ''].join('\n')
}
