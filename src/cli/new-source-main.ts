import { newSource } from './new-source.js'

/* `npm run new-source` as a process. */

// npm changes to the folder of the package; its user may be in another one.
const { stdout, stderr, exitCode } = newSource(process.argv.slice(2), process.env['INIT_CWD'] ?? process.cwd(), process.cwd())
process.stdout.write(stdout)
process.stderr.write(stderr)
process.exitCode = exitCode
