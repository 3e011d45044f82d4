import { Writable } from 'node:stream'
import type { FastifyBaseLogger } from 'fastify'
import { pino } from 'pino'
import type { Test } from 'tap'
import { makeHookServer, type HookServerOptions } from '../../src/http/hook-server.js'
import { makeMetrics } from '../../src/http/metrics.js'
import { hookOptions, metricsPrefix } from '../hook-options.js'
import type { Manifest } from '../harness/resource.js'
import type { LogLine } from '../log-lines.js'

/** A logger that keeps its lines. */
export function makeLog (level = 'debug') {
  const lines: LogLine[] = []
  const stream = new Writable({
    write (chunk, _, done) {
      lines.push(JSON.parse(String(chunk)))
      done()
    }
  })
  const logger: FastifyBaseLogger = pino({ level }, stream)
  return { lines, logger }
}

/** A hook that listens until the test ends. */
export async function startHook (t: Test, options: Partial<HookServerOptions> = {}) {
  const { lines, logger } = makeLog()
  const leaving = new AbortController()
  const metrics = makeMetrics(metricsPrefix, '1.2.3')
  const app = makeHookServer({ ...hookOptions(), logger, metrics, leaving: leaving.signal, bodyLimit: 1024 * 1024, ...options })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => {
    app.server.closeAllConnections()
    await app.close()
  })
  lines.length = 0
  return { app, url, lines, leaving, metrics }
}

/** The answer of a hook, or its error. Each test checks the fields that it expects. */
interface Answer {
  error: string
  status: { conditions: Array<{ type: string, status: string, reason?: string }> }
  children: Manifest[]
}

/** Posts a body as Metacontroller does. */
export async function post (url: string, body: unknown, headers: Record<string, string> = { 'content-type': 'application/json' }, path = '/sync') {
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: typeof body === 'string' ? body : JSON.stringify(body) })
  return { status: response.status, headers: response.headers, body: await response.json() as Answer }
}
