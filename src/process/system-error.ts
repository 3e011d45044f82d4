import { getSystemErrorMap } from 'node:util'

/** What an error says, in words: of one of the system, what the system calls it, without the call and the path. */
export function wordsOf ({ errno, message }: NodeJS.ErrnoException): string {
  return getSystemErrorMap().get(errno ?? 0)?.[1] ?? message
}
