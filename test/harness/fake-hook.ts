import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** The body of an answer: an object becomes JSON, a text is sent unchanged. */
export interface FakeAnswer {
  status?: number
  headers?: Record<string, string>
  body: unknown
}

/** A call of a fake hook. */
export interface FakeCall {
  path: string
  body: any
}

/**
 * Starts a hook with given answers, which runs until the end of the test.
 *
 * @param answer makes the answer; a value without a body is sent as the body of a 200
 */
export async function fakeHook (t: Pick<Test, 'teardown'>, answer: (call: FakeCall) => unknown): Promise<{ url: string, calls: FakeCall[] }> {
  const calls: FakeCall[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const call = { path: request.url ?? '', body: JSON.parse(Buffer.concat(chunks).toString('utf8')) }
    calls.push(call)
    const result = await answer(call)
    const { status = 200, headers = {}, body } = isAnswer(result) ? result : { body: result }
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls }
}

function isAnswer (result: unknown): result is FakeAnswer {
  return typeof result === 'object' && result !== null && 'body' in result
}
