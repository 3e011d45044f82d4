#!/usr/bin/env node
import { run } from './command.js'

/* The command, as a process. */

// Who reads has read enough, as `head` does: there is nobody to tell.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE') return
    process.exitCode = 2
    if (stream === process.stdout) process.stderr.write(`standard output: ${message}\n`)
  })
}

const { stdout, stderr, exitCode } = await run(process.argv.slice(2), process)
process.exitCode = exitCode
process.stdout.write(stdout)
process.stderr.write(stderr)
