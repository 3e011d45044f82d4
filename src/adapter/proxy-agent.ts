import type { Agent, ClientRequest } from 'node:http'
import { HttpProxyAgent } from 'http-proxy-agent'
import { HttpsProxyAgent } from 'https-proxy-agent'
import type { Trust } from './agent.js'

/**
 * Makes what opens connections to a sink by a proxy, and keeps them open: a request to an http sink goes to the proxy, one to an
 * https sink through it.
 */
export function makeProxyAgent (sink: URL, trust: Trust, proxy: URL): Agent {
  return sink.protocol === 'https:' ? new TrustingProxyAgent(proxy, trust) : new HttpProxyAgent(proxy, { keepAlive: true })
}

type ConnectOptions = Parameters<HttpsProxyAgent<string>['connect']>[1]

/** Asks for each new connection whom to trust. */
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
