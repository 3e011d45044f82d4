import { stdout } from 'node:process'
import { setTimeout } from 'node:timers/promises'
import pino, { type Logger } from 'pino'

/** Most characters that wait for the reader of the log: some thousand lines. Further lines are dropped. */
const maxWaiting = 1024 * 1024

/**
 * Makes the process's logger: JSON lines on standard output, or readable ones on a terminal.
 *
 * Each line is handed to the operating system at once, so the last lines of a process are also written, in order. The
 * reader may be slow, or not read at all: no write waits for it. Unread lines are kept up to a limit; beyond it, lines are
 * dropped until the reader has caught up, and then a line says how many.
 *
 * @param level lowest level to log
 */
export async function makeLogger (level: string): Promise<Logger> {
  const format = stdout.isTTY ? await terminalFormat() : undefined
  let dropped = 0
  const write = (line: string): void => {
    if (dropped > 0 || stdout.writableLength > maxWaiting) dropped += 1
    else stdout.write(format?.(line) ?? line)
  }
  const logger = pino({ level }, { write })
  // Logged at any level: it stands for lines of any level.
  const teller = logger.child({}, { level: 'warn' })
  const goOn = (): void => {
    const lines = dropped
    dropped = 0
    if (lines > 0) teller.warn({ dropped: lines }, 'log lines dropped: nobody read them')
  }
  // A reader that has disconnected is no reason to end.
  stdout.on('drain', goOn).on('error', goOn)
  return logger
}

/**
 * Waits until the logged lines are written.
 *
 * @param longest in milliseconds, as nobody may be reading
 */
export async function logWritten (longest: number): Promise<void> {
  await Promise.race([
    new Promise(resolve => stdout.write('', resolve)),
    setTimeout(longest)
  ])
}

/**
 * Prepares standard output for a terminal.
 *
 * @returns what formats a line; undefined in the image, which has no pino-pretty
 */
async function terminalFormat (): Promise<((line: string) => string) | undefined> {
  // Node writes to a terminal synchronously, and Ctrl-S would block the whole process. There is no public way to change
  // that: https://nodejs.org/api/process.html#a-note-on-process-io
  const { _handle: handle } = stdout as unknown as { _handle: { setBlocking: (blocking: boolean) => void } }
  handle.setBlocking(false)
  try {
    const { prettyFactory } = await import('pino-pretty')
    return prettyFactory({})
  } catch {
    return undefined
  }
}
