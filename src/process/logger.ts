import { stdout } from 'node:process'
import { setTimeout } from 'node:timers/promises'
import pino, { type Logger } from 'pino'

/** Most that waits for the reader of the log, in characters: some thousand lines. What comes on top is dropped. */
const maxWaiting = 1024 * 1024

/**
 * Makes the process's logger: JSON lines on standard output, or readable ones for a person at a terminal.
 *
 * Each line is handed to the operating system at once, so that also the last words of a process come out, in order. The
 * reader may be slow, or not read at all: no write waits for it. What it has not read yet is kept up to a limit; beyond
 * that, lines are dropped until it has read all of it, and then a line tells how many.
 *
 * @param level the least that is logged
 */
export async function makeLogger (level: string): Promise<Logger> {
  const format = stdout.isTTY ? await terminalFormat() : undefined
  let dropped = 0
  const write = (line: string): void => {
    if (dropped > 0 || stdout.writableLength > maxWaiting) dropped += 1
    else stdout.write(format?.(line) ?? line)
  }
  const logger = pino({ level }, { write })
  // Told at any level: it stands for lines of any level.
  const teller = logger.child({}, { level: 'warn' })
  const goOn = (): void => {
    const lines = dropped
    dropped = 0
    if (lines > 0) teller.warn({ dropped: lines }, 'log lines dropped: nobody read them')
  }
  // A reader that has gone is no reason to end.
  stdout.on('drain', goOn).on('error', goOn)
  return logger
}

/**
 * Waits until what has been logged is written.
 *
 * @param longest in milliseconds: nobody may be reading
 */
export async function logWritten (longest: number): Promise<void> {
  await Promise.race([
    new Promise(resolve => stdout.write('', resolve)),
    setTimeout(longest)
  ])
}

/**
 * Prepares standard output for a person at a terminal.
 *
 * @returns what makes a line readable; undefined in the image, which has no pino-pretty
 */
async function terminalFormat (): Promise<((line: string) => string) | undefined> {
  // Node lets a write to a terminal wait for it, and everything else with it; Ctrl-S stops a terminal. There is no
  // public way to change that: https://nodejs.org/api/process.html#a-note-on-process-io
  const { _handle: handle } = stdout as unknown as { _handle: { setBlocking: (blocking: boolean) => void } }
  handle.setBlocking(false)
  try {
    const { prettyFactory } = await import('pino-pretty')
    return prettyFactory({ colorize: true })
  } catch {
    return undefined
  }
}
