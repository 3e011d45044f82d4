import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** A command could not be run, or did not exit with 0. */
export class CommandError extends Error {
  /** `ENOENT`: there is no such command. */
  readonly code: number | string | null
  readonly stdout: string
  readonly stderr: string

  constructor (command: string, code: number | string | null, stdout: string, stderr: string) {
    super(`${command}: ${stderr.trim() || stdout.trim() || `exited with ${code}`}`)
    this.code = code
    this.stdout = stdout
    this.stderr = stderr
  }
}

export interface CommandOptions {
  /** The standard input of the command. */
  input?: string
  /** Ends the command. */
  signal?: AbortSignal
  /** The timeout in seconds. */
  timeoutSeconds?: number
}

/**
 * Runs a command to its end, in a separate process group: Ctrl-C at the terminal reaches only this script, which
 * then cleans up.
 *
 * @returns its output
 * @throws CommandError unless it exits with 0; the reason of the signal if that ended it
 */
export async function execute (command: string, args: string[], { input = '', signal, timeoutSeconds = 120 }: CommandOptions = {}): Promise<{ stdout: string, stderr: string }> {
  signal?.throwIfAborted()
  const child = spawn(command, args, { detached: true })
  const end = () => child.kill('SIGKILL')
  const timer = setTimeout(end, timeoutSeconds * 1000)
  signal?.addEventListener('abort', end)
  const told = [command, ...args].join(' ')
  try {
    // A command need not read its input to the end.
    child.stdin.on('error', () => {}).end(input)
    const [stdout, stderr, [code, killed]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    signal?.throwIfAborted()
    if (killed !== null) throw new CommandError(told, killed, stdout, `${stderr}\nended by ${killed} (after ${timeoutSeconds} s at most)`)
    if (code !== 0) throw new CommandError(told, code, stdout, stderr)
    return { stdout, stderr }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
    throw new CommandError(told, (error as NodeJS.ErrnoException).code ?? null, '', (error as Error).message)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
  }
}
