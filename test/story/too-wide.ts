import * as names from '../../src/samplesource/names.js'

/** The lines of a help text that do not fit on a terminal of 80 columns. A source with long names may have longer lines. */
export function tooWide (text: string): string[] {
  const longest = 12
  const shortened = [names.packageName, names.kind, names.command].reduce((text, name) => text.replaceAll(name, name.slice(-longest)), text)
  return shortened.split('\n').filter(line => line.length > 80)
}
