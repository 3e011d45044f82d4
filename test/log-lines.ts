import { once } from 'node:events'
import type { Readable } from 'node:stream'

/** A line of a program's log. */
export type LogLine = Record<string, unknown> & { level: number, msg: string }

/**
 * Reads the lines of a log. Unlike `node:readline`, it does not break lines at U+2028, which JSON may contain.
 *
 * @returns fulfilled at the log's end
 */
export async function readLines (log: Readable, onLine: (line: string) => void): Promise<void> {
  let rest = ''
  log.setEncoding('utf8').on('data', (data: string) => {
    const lines = (rest + data).split('\n')
    rest = lines.pop() as string
    lines.forEach(onLine)
  })
  await once(log, 'close')
}
