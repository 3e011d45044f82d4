import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent, type RequestOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import type { SecureContext } from 'node:tls'

/** Returns the TLS context that is trusted now. */
export type Trust = () => SecureContext

/** Makes the agent that opens connections to a sink and keeps them open. */
export function makeAgent (sink: URL, trust: Trust): HttpAgent {
  return sink.protocol === 'https:' ? new TrustingAgent(trust) : new HttpAgent({ keepAlive: true })
}

/** Reads the trust anew for each new connection. */
class TrustingAgent extends HttpsAgent {
  readonly #trust: Trust

  constructor (trust: Trust) {
    super({ keepAlive: true })
    this.#trust = trust
  }

  override createConnection (options: RequestOptions, callback?: (err: Error | null, stream: Duplex) => void): Duplex | null | undefined {
    return super.createConnection({ ...options, secureContext: this.#trust() } as RequestOptions, callback)
  }
}
