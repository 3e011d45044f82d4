import { getSystemErrorMap } from 'node:util'

/** The message of an error; for a system error only the system's description, without the call and the path. */
export function wordsOf ({ errno, message }: NodeJS.ErrnoException): string {
  return getSystemErrorMap().get(errno ?? 0)?.[1] ?? message
}
