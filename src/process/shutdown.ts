import { setImmediate } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import type { Logger } from 'pino'
import { logWritten, makeLogger } from './logger.js'
import { endOnSignalNoLonger } from './startup.js'

/** How long the shutdown waits for the reader of the log, in milliseconds. */
const longestWrite = 1_000

/** How a process shuts down. */
export interface Shutdown {
  logger: Logger
  /** How long `close` may take, in milliseconds; after that, the process exits with code 1. */
  grace: number
  /**
   * Finishes the work in progress.
   *
   * @param signal undefined after an error
   */
  close: (signal: NodeJS.Signals | undefined) => Promise<void>
}

/**
 * Shuts the process down: on a signal with exit code 0, on an uncaught error with 1. A second signal ends it at once, with
 * 1. From now on, this replaces `endOnSignal`.
 */
export async function shutDownOnSignal ({ logger, grace, close }: Shutdown): Promise<void> {
  // A signal that arrived while modules were loaded is handled when the event loop turns: before any work begins.
  await setImmediate()
  closeWithGrace({ delay: grace + longestWrite, logger }, async ({ err, signal }) => {
    if (err !== undefined) logger.fatal({ err }, 'stopping: unexpected error')
    else logger.info({ signal }, 'stopping')
    await close(signal)
    await logWritten(longestWrite)
  })
  endOnSignalNoLonger()
}

/** Returns the configuration; mistakes in it end the process. */
export async function configOrEnd<Config> ({ config, mistakes }: { config: Config, mistakes?: never } | { config?: never, mistakes: string[] }): Promise<Config> {
  return mistakes === undefined ? config : failToStart(mistakes)
}

/** Ends the process before it has started, with exit code 1 and a line for each mistake. */
export async function failToStart (mistakes: string[]): Promise<never> {
  const logger = await makeLogger('info')
  for (const mistake of mistakes) logger.fatal(mistake)
  await logWritten(longestWrite)
  process.exit(1)
}

/**
 * Listens on a port; on failure, logs a line and ends the process.
 *
 * @param listen starts listening
 * @param variables the environment variables of the port and the address
 */
export async function listenOrEnd<Result> (listen: () => Promise<Result>, variables: { port: string, host: string }): Promise<Result> {
  try {
    return await listen()
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    return await failToStart([`${['EADDRNOTAVAIL', 'ENOTFOUND'].includes(code) ? variables.host : variables.port}: ${message}`])
  }
}
