import { createServer, type Server } from 'node:http'
import type { Registry } from 'prom-client'

/** Makes the server that Prometheus asks: `GET /metrics`. */
export function makeMetricsServer (registry: Registry): Server {
  return createServer(async ({ method, url }, response) => {
    if (method !== 'GET' || url !== '/metrics') return response.writeHead(404).end()
    response.setHeader('Content-Type', registry.contentType).end(await registry.metrics())
  })
}
