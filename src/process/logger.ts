import pino, { type Logger } from 'pino'

/**
 * Makes the process's logger: JSON lines on standard output, or readable ones for a person at a terminal.
 *
 * @param level the least that is logged
 * @param options.sync whether each line is written before the next: for the last words of a process, where a write that
 *   is still under way would be overtaken
 */
export function makeLogger (level: string, { sync = false } = {}): Logger {
  if (process.stdout.isTTY && canPrintPretty()) return pino({ level, transport: { target: 'pino-pretty' } })
  return pino({ level }, pino.destination({ sync }))
}

/** The image has no pino-pretty: nobody sits there. */
function canPrintPretty (): boolean {
  try {
    return Boolean(import.meta.resolve('pino-pretty'))
  } catch {
    return false
  }
}
