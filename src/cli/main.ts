#!/usr/bin/env node
import { run } from './command.js'

/* The command, as a process. */

const { stdout, stderr, exitCode } = await run(process.argv.slice(2), process)
process.stdout.write(stdout)
process.stderr.write(stderr)
process.exitCode = exitCode
