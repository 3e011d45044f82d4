import { timingSafeEqual } from 'node:crypto'
import bearerAuth from '@fastify/bearer-auth'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { httpError } from './errors.js'
import { FollowedFiles } from './followed-files.js'
import type { Metrics } from './metrics.js'

/** The accepted tokens, as in their file now: one per line, two during a rotation. */
export class AuthTokens {
  readonly #file: FollowedFiles<Buffer[]>

  /** @throws Error if the file is broken */
  constructor (path: string, logger: FastifyBaseLogger) {
    this.#file = new FollowedFiles({
      name: 'AUTH_TOKEN_FILE',
      paths: [path],
      parse: parseTokens,
      describe: tokens => ({ tokens: tokens.length }),
      logger
    })
  }

  /** Whether a token is accepted. Takes the same time either way. */
  accept (token: string): boolean {
    const given = Buffer.from(token)
    return this.#file.value.filter(accepted => isSame(accepted, given)).length > 0
  }

  close (): void {
    this.#file.close()
  }
}

function parseTokens ([text = '']: string[]): Buffer[] {
  const tokens = text.split('\n').map(line => line.trim()).filter(line => line !== '')
  if (tokens.length === 0) throw new Error('expected one token per line, got none')
  if (!tokens.every(token => /^[\x21-\x7e]+$/.test(token))) throw new Error('expected tokens of ASCII characters without spaces, got others')
  return tokens.map(token => Buffer.from(token))
}

/** Compares two tokens in constant time. */
function isSame (accepted: Buffer, given: Buffer): boolean {
  const sameLength = accepted.length === given.length
  return timingSafeEqual(accepted, sameLength ? given : accepted) && sameLength
}

/** Answers 401 to callers without an accepted bearer token, and counts them. https://www.rfc-editor.org/rfc/rfc6750 */
export const authToken = fastifyPlugin(async (app: FastifyInstance, { tokens, metrics }: { tokens: AuthTokens, metrics: Metrics }) => {
  await app.register(bearerAuth, {
    addHook: false,
    keys: [],
    auth: token => tokens.accept(token),
    // The name of the scheme is case-insensitive.
    specCompliance: 'rfc6749',
    verifyErrorLogLevel: 'debug'
  })
  app.addHook('onRequest', (request, reply, done) => {
    app.verifyBearerAuth!(request, reply, error => {
      if (error === undefined) return done()
      metrics.authenticationFailures.inc({ reason: 'token' })
      reply.header('www-authenticate', 'Bearer')
      done(httpError(401, 'unauthorized', error.message))
    })
  })
  app.addHook('onClose', async () => tokens.close())
})
