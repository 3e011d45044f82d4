import { readFileSync, readdirSync } from 'node:fs'

/* Which processes a process has started, and whether they still run. Linux only. */

/**
 * The pids of the child processes of a process.
 *
 * @param command a part of their command lines
 */
export function childrenOf (pid: number, command = ''): number[] {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(Number)
    .filter(child => read(child, 'status').includes(`\nPPid:\t${pid}\n`) && read(child, 'cmdline').replaceAll('\0', ' ').includes(command))
}

/** Whether a process runs; one that has ended and that nobody has waited for does not. */
export function isRunning (pid: number): boolean {
  return /^State:\s+[^Z\s]/m.test(read(pid, 'status'))
}

/** A file of a process under /proc; empty if the process has ended. */
function read (pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
