import { hash } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { valueAt } from '../kubernetes/object.js'

/**
 * Where the CompositeController has `etag.enabled` for the hook that it calls, gives every answer an `ETag`, and answers
 * one that Metacontroller has already (`If-None-Match`) with 304 and no body. Elsewhere Metacontroller would not look at
 * the tag, so none is computed.
 * https://metacontroller.github.io/metacontroller/api/hook.html#etag-reference
 */
export const etag = fastifyPlugin(async (app: FastifyInstance) => {
  app.addHook('onSend', (request, reply, payload, done) => {
    if (reply.statusCode !== 200 || !isEnabled(request)) return done()
    // Of the whole body and not to be forged: Metacontroller takes an equal tag for an equal answer.
    const tag = `"${hash('sha256', payload as string, 'base64url')}"`
    reply.header('etag', tag)
    if (request.headers['if-none-match'] !== tag) return done()
    reply.code(304)
    done(null, null)
  })
})

function isEnabled ({ body, routeOptions }: FastifyRequest): boolean {
  const hook = (routeOptions.url as string).slice(1)
  return valueAt(body, 'controller', 'spec', 'hooks', hook, 'webhook', 'etag', 'enabled') === true
}
