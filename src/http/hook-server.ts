import fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, type FastifySchemaCompiler } from 'fastify'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { TSchema } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import secureJsonParse from 'secure-json-parse'
import { checkSchema } from '../kubernetes/field-error.js'
import { SyncRequest, reconcile, type Settings } from '../samplesource/reconcile.js'
import { registerErrorReplies } from './errors.js'

/** What the hook's server is made from. */
export interface HookServerOptions {
  logger: FastifyBaseLogger
  settings: Settings
  /** Largest body that is read, in bytes. */
  bodyLimit: number
}

/**
 * Makes the server that Metacontroller calls: `POST /sync` with an observed SampleSource and its children is answered
 * with the desired children and the status. It is not listening yet.
 */
export function makeHookServer ({ logger, settings, bodyLimit }: HookServerOptions) {
  const app = fastify({ loggerInstance: logger, logController: new LogController({ disableRequestLogging: true }), bodyLimit })
    .withTypeProvider<TypeBoxTypeProvider>()
    .setValidatorCompiler(typeBoxValidator)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, parseJson)
  registerErrorReplies(app as unknown as FastifyInstance)

  app.post('/sync', { schema: { body: SyncRequest } }, async ({ body, log }) => {
    const { response, events } = reconcile(body, settings, new Date())
    const { namespace, name, generation } = body.parent.metadata
    const source = `${namespace}/${name}`
    for (const { type, reason, message } of events) {
      log.info({ type, reason, source, generation }, message)
    }
    log.debug({ source, generation }, 'synced')
    return response
  })
  return app
}

/**
 * Parses a body, and refuses keys that reach for an object's prototype. Fastify's own parser does the same, but does not
 * tell where the mistake is.
 */
async function parseJson (_: FastifyRequest, body: string): Promise<unknown> {
  if (body === '') throw badRequest('body: expected a JSON object, got nothing')
  try {
    return secureJsonParse.parse(body)
  } catch (error) {
    throw badRequest(`body: expected JSON, got ${(error as SyntaxError).message}`)
  }
}

/**
 * Validates with TypeBox's compiler, which only reads the value: Ajv, as Fastify sets it up, would convert and strip.
 * The first mistake is told.
 */
const typeBoxValidator: FastifySchemaCompiler<TSchema> = ({ schema }) => {
  const compiled = TypeCompiler.Compile(schema)
  return value => {
    const [error] = checkSchema(compiled, value, '', 1)
    if (error === undefined) return { value }
    return { error: badRequest(`${error.path}: ${error.message}`) }
  }
}

function badRequest (message: string): Error {
  return Object.assign(new Error(message), { statusCode: 400 })
}
