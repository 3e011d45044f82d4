import { register } from 'node:module'

/*
 * Does something when a process that imports this is about to load pino, and with it most of its code: says so on standard
 * error, or sends itself the signal SIGNAL.
 */

const hooks = `import { writeSync } from 'node:fs'
export async function resolve (specifier, context, next) {
  if (specifier === 'pino') {
    const { SIGNAL } = process.env
    if (SIGNAL) process.kill(process.pid, SIGNAL)
    else writeSync(2, 'loading')
  }
  return await next(specifier, context)
}`

register(`data:text/javascript,${encodeURIComponent(hooks)}`)
