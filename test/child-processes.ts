import { readFileSync, readdirSync } from 'node:fs'

/* Which processes a process has started, and whether they still run. Linux only. */

/** The pids of the child processes of a process. */
export function childrenOf (pid: number): number[] {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(Number).filter(child => statusOf(child).includes(`\nPPid:\t${pid}\n`))
}

/** Whether a process runs; one that has ended and that nobody has waited for does not. */
export function isRunning (pid: number): boolean {
  return /^State:\s+[^Z\s]/m.test(statusOf(pid))
}

/** Empty if the process has ended. */
function statusOf (pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}
