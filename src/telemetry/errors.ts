import { setGlobalErrorHandler } from '@opentelemetry/core'
import type { Logger } from 'pino'

/** Has the log tell of what could not be sent: a collector that is away is a line, and no reason to stop. */
export function tellOfErrors (logger: Logger): void {
  setGlobalErrorHandler(error => {
    const { message = String(error), code } = error as NodeJS.ErrnoException
    logger.warn({ code }, `telemetry was not sent: ${message}`)
  })
}
