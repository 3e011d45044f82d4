import { hash } from 'node:crypto'
import type { onSendHookHandler } from 'fastify'
import { valueAt } from '../kubernetes/object.js'

/**
 * Where the CompositeController has `etag.enabled` for a hook, gives every answer of that hook an `ETag`, and answers one
 * that Metacontroller has already (`If-None-Match`) with 304 and no body. Elsewhere Metacontroller would not look at the
 * tag, so none is computed.
 * https://metacontroller.github.io/metacontroller/api/hook.html#etag-reference
 *
 * @param hook as the CompositeController names it: `sync`
 * @returns what a route does before it sends
 */
export function etag (hook: string): onSendHookHandler {
  return ({ body, headers }, reply, payload, done) => {
    if (reply.statusCode !== 200 || valueAt(body, 'controller', 'spec', 'hooks', hook, 'webhook', 'etag', 'enabled') !== true) return done()
    // Of the whole body and not to be forged: Metacontroller takes an equal tag for an equal answer.
    const tag = `"${hash('sha256', payload as string, 'base64url')}"`
    reply.header('etag', tag)
    if (headers['if-none-match'] !== tag) return done()
    reply.code(304)
    done(null, null)
  }
}
