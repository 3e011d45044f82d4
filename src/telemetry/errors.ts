import { setGlobalErrorHandler } from '@opentelemetry/core'
import type { Logger } from 'pino'

/** Logs telemetry that could not be sent: an unreachable collector is a log line, not a reason to stop. */
export function tellOfErrors (logger: Logger): void {
  setGlobalErrorHandler(error => {
    const { message = String(error), code } = error as NodeJS.ErrnoException
    logger.warn({ code }, `telemetry was not sent: ${message}`)
  })
}
