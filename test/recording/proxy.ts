import { once } from 'node:events'
import { createServer, request as call, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Recorder } from './recorder.js'

/** A proxy between Metacontroller and a hook: passes everything on unchanged, and records each sync. */
export class RecordingProxy {
  readonly #server: Server

  private constructor (server: Server) {
    this.#server = server
  }

  /**
   * Starts a proxy.
   *
   * @param hook the http URL of the hook
   * @param address to listen on
   */
  static async start (hook: string, recorder: Recorder, address: { host: string, port: number }): Promise<RecordingProxy> {
    const server = createServer((request, response) => {
      // The caller sees the same as for a hook that does not listen.
      pass(hook, recorder, request, response).catch(() => response.destroy())
    })
    await once(server.listen(address), 'listening')
    return new RecordingProxy(server)
  }

  /** The URL at which it listens. */
  get url (): string {
    const { address, port } = this.#server.address() as AddressInfo
    return `http://${address}:${port}`
  }

  async stop (): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}

async function pass (hook: string, recorder: Recorder, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const sent = await buffer(request)
  const passedOn = call(hook + request.url, { method: request.method, headers: { ...request.headers, host: new URL(hook).host } })
  passedOn.end(sent)
  const [answer] = await once(passedOn, 'response') as [IncomingMessage]
  const answered = await buffer(answer)
  if (request.url === '/sync' && answer.statusCode === 200) recorder.take({ request: JSON.parse(sent.toString()), response: JSON.parse(answered.toString()) })
  response.writeHead(answer.statusCode as number, answer.headers).end(answered)
}
