/* What is printed for a person. */

/** What fits on a terminal as most people have it, in characters. */
export const width = 80

/**
 * Prints a text in lines that fit.
 *
 * @param first what stands before it
 * @param indent what stands before each further line
 */
export function print (first: string, text: string, indent = ''): void {
  let line = first
  // What comes from elsewhere may hold what a terminal takes for a command.
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

/** Prints what somebody in the cluster says. */
export function say (who: string, text: string): void {
  print(`   ${who}`, text, '     ')
}

/** Has a program end, without a word, when its reader does (`| head`): there is nobody left to show anything to. What it has started ends with it. */
export function endWithReader (): void {
  process.stdout.on('error', () => process.exit(0))
}
