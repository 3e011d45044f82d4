import t from 'tap'
import { endsWithParent } from './program.js'

/** Those that take the longest start first. */
const longest = /\/loop\b/

/**
 * Runs tests that count for no coverage, each file in a process of its own. tap would start these processes with its loader,
 * which takes longer to load than many of the tests run.
 *
 * @param files their paths, from the repository's folder
 */
export function runWithoutCoverage (files: string[]): void {
  // tap's limit is for one file.
  t.setTimeout(3 * Number(process.env['TAP_TIMEOUT'] ?? 3600) * 1000)
  // Next to as many processes that tap itself starts: many tests only wait.
  t.jobs = Number(process.env['TAP_JOBS'] ?? 4)
  for (const file of [...files.filter(file => longest.test(file)), ...files.filter(file => !longest.test(file))]) {
    t.spawn(process.execPath, [endsWithParent, '--enable-source-maps', file], { buffered: true, stdio: ['pipe', 'pipe', 'inherit'] }, file)
  }
}
