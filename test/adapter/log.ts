import pino, { type Logger } from 'pino'

/** A line of a log. */
export type LogLine = Record<string, unknown> & { level: number, msg: string }

/** A logger whose lines can be looked at. */
export function makeLog (): { logger: Logger, lines: LogLine[] } {
  const lines: LogLine[] = []
  return { logger: pino({ level: 'trace' }, { write: line => { lines.push(JSON.parse(line) as LogLine) } }), lines }
}
