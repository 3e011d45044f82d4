import { totalmem } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import type { FastifyListenOptions } from 'fastify'
import { readConfig, type Config } from './config.js'
import { AuthTokens } from '../http/auth-token.js'
import { makeHookServer } from '../http/hook-server.js'
import { longestRequest } from '../http/listener.js'
import { makeMetrics } from '../http/metrics.js'
import { makeOpsServer } from '../http/ops-server.js'
import { memoryLimit } from '../http/overload.js'
import { TlsFiles } from '../http/tls.js'
import { makeLogger } from '../process/logger.js'
import { configOrEnd, failToStart, listenOrEnd, shutDownOnSignal } from '../process/shutdown.js'
import { packageVersion } from '../process/version.js'
import { makeHooks } from '../samplesource/hooks.js'
import { metricsPrefix } from '../samplesource/names.js'

/* The hook: reads the configuration, starts the servers, ends on a signal. */

const config = await configOrEnd(readConfig(process.env))
const logger = await makeLogger(config.logLevel)
const { tls, tokens } = await readFiles(config)
const metrics = makeMetrics(metricsPrefix, packageVersion())
const leaving = new AbortController()

const hookServer = makeHookServer({
  logger,
  metrics,
  leaving: leaving.signal,
  bodyLimit: config.bodyLimitBytes,
  limits: { ...config.limits, maxMemoryBytes: config.limits.maxMemoryBytes || memoryLimit(process.constrainedMemory(), totalmem()) },
  maxRequestsPerConnection: config.maxRequestsPerConnection,
  tls,
  tokens,
  hooks: makeHooks(config.settings)
})
const opsServer = makeOpsServer({ logger, metrics, leaving: leaving.signal })

/*
 * During shutdown the process first keeps serving: after SIGTERM, it takes Kubernetes a while to stop sending calls. Then
 * it finishes open requests and exits with code 0. If it was not ready yet, nobody has called.
 */
await shutDownOnSignal({
  logger,
  grace: config.shutdownDelayMs + longestRequest + 1_000,
  async close (signal) {
    leaving.abort()
    if (opsServer.server.listening) {
      if (signal === 'SIGTERM') await setTimeout(config.shutdownDelayMs)
      await hookServer.close()
      await opsServer.close()
    }
  }
})

// The hook server first: once the ops server answers, the hook must be reachable.
await listen(hookServer, 'Hook', 'PORT', config.port, config.host)
await listen(opsServer, 'Ops', 'OPS_PORT', config.opsPort, config.host)

/** Starts a server and logs its address; on failure the process exits. */
async function listen (server: { listen: (options: FastifyListenOptions) => Promise<string> }, name: string, variable: string, port: number, host: string): Promise<void> {
  await listenOrEnd(() => server.listen({ port, host, listenTextResolver: address => `${name} listening at ${address}` }), { port: variable, host: 'HOST' })
}

/** Reads the files that the configuration names; if one is broken, the process exits. */
async function readFiles (config: Config) {
  try {
    return {
      tls: config.tls && new TlsFiles(config.tls, logger),
      tokens: config.authTokenFile === undefined ? undefined : new AuthTokens(config.authTokenFile, logger)
    }
  } catch (error) {
    return await failToStart([(error as Error).message])
  }
}
