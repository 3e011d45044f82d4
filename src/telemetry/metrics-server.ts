import type { Server } from 'node:http'
import type { Registry } from 'prom-client'
import { makePort } from '../ops/port.js'
import { makeRendering } from '../ops/rendering.js'

/** Makes the server that Prometheus scrapes: `GET /metrics`, with any query, and `HEAD`. */
export function makeMetricsServer (registry: Registry): Server {
  const render = makeRendering(registry)
  return makePort(async ({ method = '', url = '' }, response) => {
    if (url.split('?')[0] !== '/metrics') return response.writeHead(404).end()
    if (!['GET', 'HEAD'].includes(method)) return response.writeHead(405, { Allow: 'GET, HEAD' }).end()
    try {
      response.setHeader('Content-Type', registry.contentType).end(await render())
    } catch {
      response.writeHead(500).end()
    }
  })
}
