/**
 * Reads the first row of a table as `kubectl get` prints it.
 *
 * @param text with a line of headings; a cell may be empty
 * @returns the headings, and the cells by their heading
 */
export function readTable (text: string): { header: string[], row: Record<string, string> } {
  const [headings = '', line = ''] = text.split('\n')
  const columns = [...headings.matchAll(/\S+\s*/g)].map(([text], index, all) => ({
    name: text.trim(),
    start: all[index]?.index ?? 0,
    end: all[index + 1]?.index
  }))
  return {
    header: columns.map(({ name }) => name),
    row: Object.fromEntries(columns.map(({ name, start, end }) => [name, line.slice(start, end).trim()]))
  }
}
