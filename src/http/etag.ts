import { hash } from 'node:crypto'
import type { onSendHookHandler } from 'fastify'
import { valueAt } from '../kubernetes/object.js'

/**
 * If the CompositeController has `etag.enabled` for a hook, adds an `ETag` to every answer of that hook, and answers 304
 * without a body if Metacontroller already has the answer (`If-None-Match`). Otherwise Metacontroller ignores the tag, so
 * none is computed.
 * https://metacontroller.github.io/metacontroller/api/hook.html#etag-reference
 *
 * @param hook as the CompositeController names it: `sync`
 * @returns the route's `onSend` hook
 */
export function etag (hook: string): onSendHookHandler {
  return ({ body, headers }, reply, payload, done) => {
    if (reply.statusCode !== 200 || valueAt(body, 'controller', 'spec', 'hooks', hook, 'webhook', 'etag', 'enabled') !== true) return done()
    // A cryptographic hash of the whole body: for Metacontroller, equal tags mean equal answers.
    const tag = `"${hash('sha256', payload as string, 'base64url')}"`
    reply.header('etag', tag)
    if (headers['if-none-match'] !== tag) return done()
    reply.code(304)
    done(null, null)
  }
}
