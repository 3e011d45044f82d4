#!/usr/bin/env node
import { wordsOf } from '../process/system-error.js'
import { command } from '../samplesource/names.js'
import { run } from './command.js'

/* The command as a process. */

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader has read enough, as `head` does.
  if (error.code === 'EPIPE') return
  process.stderr.write(`${command}: standard output: ${wordsOf(error)}\n`)
  process.exitCode = 2
})
// Nobody reads standard error either.
process.stderr.on('error', () => {})

const { stdout, stderr, exitCode } = await run(process.argv.slice(2), process)
process.exitCode = exitCode
process.stdout.write(stdout)
process.stderr.write(stderr)
