import { invisible } from '../../src/kubernetes/field-error.js'
import { wordsOf } from '../../src/process/system-error.js'

/* Output for people. */

/** The usual width of a terminal, in characters. */
export const width = 80

/**
 * Prints a text in lines that fit.
 *
 * @param first text before the first line
 * @param indent text before each further line
 */
export function print (first: string, text: string, indent = ''): void {
  let line = first
  // Text from outside may have control characters.
  for (const word of text.replace(invisible, ' ').split(' ')) {
    const next = line === first ? `${line}${word}` : `${line} ${word}`
    if (next.trimStart().length > width && line !== first) {
      console.log(line)
      line = `${indent}${word}`
    } else {
      line = next
    }
  }
  console.log(line)
}

/** Prints what a component of the cluster says. */
export function say (who: string, text: string): void {
  print(`   ${who}`, text, '     ')
}

/**
 * Makes a program and its child processes end quietly when its reader does (`| head`), and with exit code 2 and a line on
 * standard error when its output cannot be written.
 *
 * @param program its name, with which that line begins
 */
export function endWithReader (program: string): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    console.error(`${program}: standard output: ${wordsOf(error)}`)
    process.exit(2)
  })
}
