import type { Agent, ClientRequest } from 'node:http'
import { HttpProxyAgent } from 'http-proxy-agent'
import { HttpsProxyAgent } from 'https-proxy-agent'
import type { Trust } from './agent.js'

/**
 * Makes the agent that opens connections to a sink through a proxy, and keeps them open. Requests to an http sink go to
 * the proxy, those to an https sink through a tunnel.
 */
export function makeProxyAgent (sink: URL, trust: Trust, proxy: URL): Agent {
  return sink.protocol === 'https:' ? new TrustingProxyAgent(proxy, trust) : new HttpProxyAgent(proxy, { keepAlive: true })
}

type ConnectOptions = Parameters<HttpsProxyAgent<string>['connect']>[1]

/** Reads the trust anew for each new connection. */
class TrustingProxyAgent extends HttpsProxyAgent<string> {
  readonly #trust: Trust

  constructor (proxy: URL, trust: Trust) {
    super(proxy, { keepAlive: true })
    this.#trust = trust
  }

  override async connect (request: ClientRequest, options: ConnectOptions) {
    return await super.connect(request, { ...options, secureContext: this.#trust() } as ConnectOptions)
  }
}
