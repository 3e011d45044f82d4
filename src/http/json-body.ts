import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import secureJsonParse from 'secure-json-parse'
import { httpError } from './errors.js'

/**
 * A body may hold an object or array for every so many bytes of the largest body. Kubernetes objects come to 36; a body
 * of nothing but brackets would take more than twenty times its size in memory.
 */
const bytesPerContainer = 32

/** The part of the largest body up to which nothing is counted: whatever such a body holds, there is memory for it. */
const smallBody = 1 / 4

/**
 * Has a server read JSON, and nothing else: with the place of a mistake, and without keys that reach for an object's
 * prototype. Fastify's own parser refuses those too, but does not tell where the mistake is.
 */
export const jsonBody = fastifyPlugin(async (app: FastifyInstance, { bodyLimit }: { bodyLimit: number }) => {
  const maxContainers = Math.ceil(bodyLimit / bytesPerContainer)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_, body, done) => {
    try {
      done(null, parse(body as string, maxContainers))
    } catch (error) {
      done(error as Error)
    }
  })
})

function parse (body: string, maxContainers: number): unknown {
  if (body === '') throw httpError(400, 'body: expected a JSON object, got nothing')
  if (body.length > maxContainers * bytesPerContainer * smallBody && countContainers(body, maxContainers) > maxContainers) {
    throw httpError(413, `body: expected at most ${maxContainers} objects and arrays, got more`)
  }
  try {
    return secureJsonParse.parse(body)
  } catch (error) {
    throw httpError(400, `body: expected JSON, got ${(error as SyntaxError).message}`)
  }
}

/** Counts opening brackets, those in strings too, and no more of them than are needed to tell. */
function countContainers (text: string, enough: number): number {
  let count = 0
  for (let index = 0; index < text.length && count <= enough; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x7b || code === 0x5b) count++
  }
  return count
}
