import { isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/**
 * Largest body that is read, in bytes: what every intermediary must forward. No sink has to accept more.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#size-limits
 */
export const largestBody = 64 * 1024

/** `application/json`, and types with the suffix `+json`. https://www.rfc-editor.org/rfc/rfc6839#section-3.1 */
const json = /^application\/([\w.-]+\+)?json *(;|$)/i

/** An incoming request. */
export interface Call {
  /** Path and query. */
  url: string
  headers: IncomingHttpHeaders
  /** The body as received: what a signature covers, and exact where JavaScript's numbers are not. */
  text: string
  /** The parsed body; not validated. */
  data: unknown
}

/** Why a request is refused: the status code of the answer, and one line of text. */
export interface Refusal {
  code: number
  error: string
}

/**
 * Reads a request: `POST`, with a JSON body.
 *
 * @returns a refusal if the request is not valid; undefined if it ended before its body did
 */
export async function readCall (request: IncomingMessage): Promise<{ call: Call, refusal?: never } | { call?: never, refusal: Refusal } | undefined> {
  const { method, url = '/', headers } = request
  if (method !== 'POST') return refuse(405, 'expected POST')
  if (!json.test(headers['content-type'] ?? '')) return refuse(415, 'expected Content-Type: application/json')
  if (Number(headers['content-length']) > largestBody) return tooLarge
  const body = await readBody(request)
  if (body === undefined) return request.readableAborted ? undefined : tooLarge
  if (!isUtf8(body)) return refuse(400, 'body: expected UTF-8')
  const text = body.toString()
  try {
    return { call: { url, headers, text, data: JSON.parse(text) } }
  } catch (error) {
    return refuse(400, `body: expected JSON, got ${(error as SyntaxError).message}`)
  }
}

function refuse (code: number, error: string): { refusal: Refusal } {
  return { refusal: { code, error } }
}

const tooLarge = refuse(413, `body: expected at most ${largestBody} bytes`)

/** Reads a body to its end; undefined if it does not end, or not in time. Bytes above the limit are discarded. */
async function readBody (request: IncomingMessage): Promise<Buffer | undefined> {
  return await new Promise(resolve => {
    const chunks: Buffer[] = []
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
      if (length <= largestBody) chunks.push(chunk)
      else {
        chunks.length = 0
        resolve(undefined)
      }
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    request.on('error', () => resolve(undefined))
  })
}
