import { register } from 'node:module'

/*
 * Acts when a program that imports this is about to load most of its code, `run.ts` or its bundle: prints a line
 * to standard error, or sends itself the signal SIGNAL.
 */

const hooks = `import { writeSync } from 'node:fs'
export async function resolve (specifier, context, next) {
  if (/\\/run(-\\w+)?\\.js$/.test(specifier)) {
    const { SIGNAL } = process.env
    if (SIGNAL) process.kill(process.pid, SIGNAL)
    else writeSync(2, 'loading')
  }
  return await next(specifier, context)
}`

register(`data:text/javascript,${encodeURIComponent(hooks)}`)
