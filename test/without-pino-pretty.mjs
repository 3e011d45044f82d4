import { register } from 'node:module'

/* Makes a process that imports this believe that pino-pretty is not installed, as in the image. */

const hooks = `export async function resolve (specifier, context, next) {
  if (specifier === 'pino-pretty') throw new Error('not installed')
  return next(specifier, context)
}`

register(`data:text/javascript,${encodeURIComponent(hooks)}`)
