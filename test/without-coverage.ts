import { readdirSync } from 'node:fs'
import t from 'tap'

/*
 * Runs the tests that count for no coverage, each file in a process of its own. tap would start these processes with its
 * loader, which takes longer to load than many of the tests run.
 */

const folders = ['build/test', 'build/programs']
const self = 'without-coverage.test.js'

/** Those that take the longest start first. */
const longest = /\/loop\b/

const files = folders.flatMap(folder => readdirSync(folder).filter(name => name.endsWith('.test.js') && name !== self).map(name => `${folder}/${name}`))

t.jobs = 4
for (const file of [...files.filter(file => longest.test(file)), ...files.filter(file => !longest.test(file))]) {
  t.spawn(process.execPath, ['--enable-source-maps', file], { buffered: true }, file)
}
