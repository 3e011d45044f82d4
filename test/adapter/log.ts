import pino, { type Logger } from 'pino'
import type { LogLine } from '../log-lines.js'

/** A logger whose lines can be read. */
export function makeLog (level = 'trace'): { logger: Logger, lines: LogLine[] } {
  const lines: LogLine[] = []
  return { logger: pino({ level }, { write: line => { lines.push(JSON.parse(line) as LogLine) } }), lines }
}
