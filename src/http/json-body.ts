import { isAscii, isUtf8 } from 'node:buffer'
import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { blankUnreadManagedFields } from '../metacontroller/managed-fields.js'
import { httpError } from './errors.js'
import type { Exchange } from './exchange.js'

/**
 * A body may contain one object or array for each this many bytes of the largest allowed body. Kubernetes objects have
 * one in 36 bytes; a body of nothing but brackets would take more than twenty times its size in memory.
 */
const bytesPerContainer = 32

/**
 * The same for commas, which count fields and items. Kubernetes objects have one in 33 bytes; a body of nothing but short
 * keys would take twenty times its size too.
 */
const bytesPerComma = 24

/** Bodies up to this share of the largest one are not counted: there is memory for whatever they contain. */
const smallBody = 1 / 4

/**
 * Makes a server read only JSON, and report where a mistake is, which Fastify's own parser does not. That parser also
 * rejects keys such as `__proto__`; here they are data: a ConfigMap may have them, and nothing from a request is assigned
 * key by key to another object.
 */
export const jsonBody = fastifyPlugin(async (app: FastifyInstance, { bodyLimit }: { bodyLimit: number }) => {
  const limits = { containers: Math.ceil(bodyLimit / bytesPerContainer), commas: Math.ceil(bodyLimit / bytesPerComma) }
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', ({ exchange }, _payload, done) => {
    (exchange as Exchange).read((error, body) => {
      if (body === undefined) return done(error)
      try {
        done(null, parse(body, bodyLimit, limits))
      } catch (error) {
        done(error as Error)
      }
    })
  })
})

/** Most objects, arrays and commas that a body may contain. */
interface Limits { containers: number, commas: number }

function parse (body: Buffer, bodyLimit: number, limits: Limits): unknown {
  if (body.length === 0) throw httpError(400, 'body: expected a JSON object, got nothing')
  if (body.length > bodyLimit * smallBody) checkCounts(body, limits)
  blankUnreadManagedFields(body)
  const text = decode(body)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw httpError(400, `body: expected JSON, got ${(error as SyntaxError).message}`)
  }
}

/** Most bodies are ASCII, which is decoded in half the time. Invalid UTF-8 would be changed by decoding. */
function decode (body: Buffer): string {
  if (isAscii(body)) return body.toString('latin1')
  if (!isUtf8(body)) throw httpError(400, 'body: expected UTF-8')
  return body.toString()
}

/** Counts opening brackets and commas, also those in strings, up to the limits. */
function checkCounts (body: Buffer, limits: Limits): void {
  let containers = 0
  let commas = 0
  for (let index = 0; index < body.length; index++) {
    const byte = body[index]
    if (byte === 0x2c && ++commas > limits.commas) throw httpError(413, `body: expected at most ${limits.commas} fields and items, got more`)
    if ((byte === 0x7b || byte === 0x5b) && ++containers > limits.containers) throw httpError(413, `body: expected at most ${limits.containers} objects and arrays, got more`)
  }
}
