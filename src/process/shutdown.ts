import { setImmediate } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import type { Logger } from 'pino'
import { logWritten, makeLogger } from './logger.js'
import { endOnSignalNoLonger } from './startup.js'

/** How long the end waits for the reader of the log, in milliseconds. */
const longestWrite = 1_000

/** How a process ends. */
export interface Shutdown {
  logger: Logger
  /** How long `close` may take, in milliseconds; then the process ends with exit code 1. */
  grace: number
  /**
   * Finishes what is under way.
   *
   * @param signal undefined where an error ends the process
   */
  close: (signal: NodeJS.Signals | undefined) => Promise<void>
}

/**
 * Has the process end in order: on a signal with exit code 0, on an error that nobody has caught with 1. A second signal
 * ends it at once, with 1. From now on, this takes the place of `endOnSignal`.
 */
export async function shutDownOnSignal ({ logger, grace, close }: Shutdown): Promise<void> {
  // A signal that has come while all was loaded is heard of once the event loop turns: before anything begins.
  await setImmediate()
  closeWithGrace({ delay: grace + longestWrite, logger }, async ({ err, signal }) => {
    if (err !== undefined) logger.fatal({ err }, 'stopping: unexpected error')
    else logger.info({ signal }, 'stopping')
    await close(signal)
    await logWritten(longestWrite)
  })
  endOnSignalNoLonger()
}

/** The configuration, where there is one; mistakes in it end the process. */
export async function configOrEnd<Config> ({ config, mistakes }: { config: Config, mistakes?: never } | { config?: never, mistakes: string[] }): Promise<Config> {
  return mistakes === undefined ? config : failToStart(mistakes)
}

/** Ends the process before it has begun, with exit code 1 and a line for each mistake. */
export async function failToStart (mistakes: string[]): Promise<never> {
  const logger = await makeLogger('info')
  for (const mistake of mistakes) logger.fatal(mistake)
  await logWritten(longestWrite)
  process.exit(1)
}

/**
 * Listens on a port; the process ends, with a line, where it cannot.
 *
 * @param listen starts listening
 * @param variables the environment variables that have the port and the address
 */
export async function listenOrEnd<Result> (listen: () => Promise<Result>, variables: { port: string, host: string }): Promise<Result> {
  try {
    return await listen()
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    return await failToStart([`${['EADDRNOTAVAIL', 'ENOTFOUND'].includes(code) ? variables.host : variables.port}: ${message}`])
  }
}
