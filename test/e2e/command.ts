import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'

/** A command that could not be run, or did not end with 0. */
export class CommandError extends Error {
  /** `ENOENT`: there is no such command. */
  readonly code: number | string | null
  readonly stdout: string
  readonly stderr: string

  constructor (command: string, code: number | string | null, stdout: string, stderr: string) {
    super(`${command}: ${stderr.trim() || stdout.trim() || `ended with ${code}`}`)
    this.code = code
    this.stdout = stdout
    this.stderr = stderr
  }
}

export interface CommandOptions {
  /** What it reads from its standard input. */
  input?: string
  /** Ends it. */
  signal?: AbortSignal
  /** After so many seconds it is ended. */
  timeoutSeconds?: number
}

/**
 * Runs a command to its end. It is in a process group of its own: Ctrl-C at the terminal reaches this script only, which
 * then goes on to clean up.
 *
 * @returns what it has written
 * @throws CommandError unless it ends with 0; the signal's reason when that has ended it
 */
export async function execute (command: string, args: string[], { input = '', signal, timeoutSeconds = 120 }: CommandOptions = {}): Promise<{ stdout: string, stderr: string }> {
  signal?.throwIfAborted()
  const child = spawn(command, args, { detached: true })
  const end = () => child.kill('SIGKILL')
  const timer = setTimeout(end, timeoutSeconds * 1000)
  signal?.addEventListener('abort', end)
  const told = [command, ...args].join(' ')
  try {
    // Who does not read its input to the end is not to blame for it.
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
