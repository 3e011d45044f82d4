/*
 * The start of a process. In a container it is process 1, which Linux does not send signals that it has no handler for:
 * https://man7.org/linux/man-pages/man7/pid_namespaces.7.html. So the handler is installed before any slow loading. This
 * file imports nothing.
 */

const signals = ['SIGTERM', 'SIGINT'] as const

const end = (): never => process.exit(0)

/** Makes SIGTERM and SIGINT end the process at once, with exit code 0: no work is in progress yet. */
export function endOnSignal (): void {
  for (const signal of signals) process.on(signal, end)
}

/** Leaves these signals to the handlers added since. */
export function endOnSignalNoLonger (): void {
  for (const signal of signals) process.off(signal, end)
}
