import type { Socket } from 'node:net'
import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { cut, quote } from '../kubernetes/field-error.js'

/*
 * What a caller gets when a request fails. Metacontroller puts the body into a Warning Event of the source, so it is one
 * line for `kubectl describe`: the path, what was expected, what was received.
 */

/** Longer paths are cut in the log and in answers, in characters. */
const maxPath = 200

/** Fastify errors whose own message does not say what was expected. */
const messages: Record<string, (request: FastifyRequest) => string> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: request =>
    `Content-Type: expected application/json, got ${quote(request.headers['content-type'] ?? 'none')}`
}

/**
 * An error that is answered with a status code and its message.
 *
 * @param cause logged, but not sent to the caller
 */
export function httpError (statusCode: number, message: string, cause?: string): Error {
  return Object.assign(new Error(message, { cause }), { statusCode })
}

/**
 * Makes a server answer every failure with `{ "error": "<one line>" }`: 4xx for mistakes of the caller, logged at warn;
 * 429 logged at debug, so that overload does not flood the log; 500 without detail for our own failures, logged at error
 * with the stack.
 */
export function registerErrorReplies (app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const statusCode = error.statusCode ?? 500
    if (statusCode >= 500) {
      request.log.error({ err: error }, 'request failed')
      return reply.code(statusCode).send({ error: 'internal error' })
    }
    return refuse(request, reply, statusCode, messages[error.code]?.(request) ?? error.message, error.cause)
  })
  app.setNotFoundHandler((request, reply) => {
    const path = pathOf(request)
    const methods = app.supportedMethods.filter(method => app.hasRoute({ method, url: path }))
    if (methods.length === 0) return refuse(request, reply, 404, `no such path: ${request.method} ${path}`)
    reply.header('allow', methods.join(', '))
    return refuse(request, reply, 405, `expected ${methods.join(' or ')} ${path}, got ${request.method}`)
  })
}

/** Answers a request that Fastify rejects before routing: its path cannot be decoded. */
export function answerBadPath (_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  refuse(request, reply, 400, `path: expected percent-encoded UTF-8, got ${quote(pathOf(request))}`)
}

/** The path of a request, cut if it is long, and without the query, which may contain a secret. */
function pathOf ({ url }: FastifyRequest): string {
  return cut(url.split('?', 1)[0] as string, maxPath)
}

function refuse (request: FastifyRequest, reply: FastifyReply, statusCode: number, message: string, cause?: unknown) {
  request.log[statusCode === 429 ? 'debug' : 'warn']({ statusCode, method: request.method, path: pathOf(request), caller: request.ip, cause }, message)
  return reply.code(statusCode).send({ error: message })
}

/** What is wrong with bytes that are not a request, by Node's error code. */
const connectionErrors: Record<string, [statusCode: number, message: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'request: expected in full, got only a part in time'],
  HPE_HEADER_OVERFLOW: [431, 'headers: too large']
}

/** Answers and closes a connection whose bytes are not an HTTP request, or do not arrive. */
export function answerConnectionError ({ code }: { code: string }, socket: Socket): void {
  const [statusCode, message] = connectionErrors[code] ?? [400, 'request: expected HTTP/1.1']
  if (socket.writable) {
    const body = JSON.stringify({ error: message })
    socket.write(`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`)
  }
  socket.destroy()
}
