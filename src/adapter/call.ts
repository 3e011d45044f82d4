import { isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

/**
 * Largest body that is read, in bytes: as much as every intermediary has to take, and no sink has to take more.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#size-limits
 */
export const largestBody = 64 * 1024

/** `application/json`, and those of its kind: `application/vnd.github+json`. https://www.rfc-editor.org/rfc/rfc6839#section-3.1 */
const json = /^application\/([\w.-]+\+)?json *(;|$)/i

/** A request that has come in. */
export interface Call {
  /** Path and query. */
  url: string
  headers: IncomingHttpHeaders
  /** The body as it came: what a signature is of, and exact where JavaScript's numbers are not. */
  text: string
  /** What it says; nobody has verified any of it. */
  data: unknown
}

/** Why a request is not one that is taken: the status of the answer, and a line that says it. */
export interface Refusal {
  code: number
  error: string
}

/**
 * Reads a request: `POST`, with a JSON body.
 *
 * @returns a refusal of what is none; undefined for one that has ended before its body has
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

/** Reads a body to its end; undefined where that does not come, or not soon enough. What comes on top is thrown away. */
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
