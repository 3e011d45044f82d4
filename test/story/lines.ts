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
  for (const word of text.replace(/\p{Control}/gu, ' ').split(' ')) {
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

/** Makes a program and its child processes end quietly when its reader does (`| head`). */
export function endWithReader (): void {
  process.stdout.on('error', () => process.exit(0))
}
