import pino, { type Logger } from 'pino'

/**
 * Makes the process's logger: JSON lines on standard output, or readable ones for a person at a terminal.
 *
 * @param level the least that is logged
 */
export function makeLogger (level: string): Logger {
  return pino({ level, ...(process.stdout.isTTY && canPrintPretty() && { transport: { target: 'pino-pretty' } }) })
}

/** The image has no pino-pretty: nobody sits there. */
function canPrintPretty (): boolean {
  try {
    return Boolean(import.meta.resolve('pino-pretty'))
  } catch {
    return false
  }
}
