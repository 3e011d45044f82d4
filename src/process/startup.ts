/*
 * The first moments of a process. In a container it has the number 1, and Linux keeps from that one each signal for which
 * it has no handler: https://man7.org/linux/man-pages/man7/pid_namespaces.7.html. So the handler comes before all that
 * takes long to load. This file imports nothing.
 */

const signals = ['SIGTERM', 'SIGINT'] as const

const end = (): never => process.exit(0)

/** Has the process end at once, with exit code 0, on SIGTERM or SIGINT: nothing is under way yet. */
export function endOnSignal (): void {
  for (const signal of signals) process.on(signal, end)
}

/** Leaves these signals to the handlers that have been added meanwhile. */
export function endOnSignalNoLonger (): void {
  for (const signal of signals) process.off(signal, end)
}
