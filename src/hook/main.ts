import { existsSync, readFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
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
import { makeHooks } from '../samplesource/hooks.js'
import { metricsPrefix } from '../samplesource/names.js'

/* The hook process. */

const { config, mistakes } = readConfig(process.env)
if (config === undefined) end(mistakes)
const logger = makeLogger(config.logLevel)
const { tls, tokens } = readFiles(config)
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
 * On its way out the process first serves on: after SIGTERM, Kubernetes takes a while until no new call comes here. Then
 * it finishes what is under way, for which no request can take longer than its timeout, and is gone with exit code 0.
 */
closeWithGrace({ delay: config.shutdownDelayMs + longestRequest + 1_000, logger }, async ({ err, signal }) => {
  if (err !== undefined) logger.fatal({ err }, 'stopping: unexpected error')
  else logger.info({ signal }, 'stopping')
  leaving.abort()
  if (signal === 'SIGTERM') await setTimeout(config.shutdownDelayMs)
  setTimeout(longestRequest, undefined, { ref: false }).then(() => hookServer.server.closeAllConnections())
  await hookServer.close()
  await opsServer.close()
})

// The hook first: once the ops server answers, the hook can be called.
await listen(hookServer, 'Hook', 'PORT', config.port, config.host)
await listen(opsServer, 'Ops', 'OPS_PORT', config.opsPort, config.host)

/** Starts a server, and logs where it listens; the process ends where it cannot. */
async function listen (server: { listen: (options: FastifyListenOptions) => Promise<string> }, name: string, variable: string, port: number, host: string): Promise<void> {
  try {
    await server.listen({ port, host, listenTextResolver: address => `${name} listening at ${address}` })
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    end([`${['EADDRNOTAVAIL', 'ENOTFOUND'].includes(code) ? 'HOST' : variable}: ${message}`])
  }
}

/** The version in `package.json`, which is one folder above `dist/`, and two above this one. */
function packageVersion (): string {
  const [packageFile] = ['../package.json', '../../package.json'].map(path => new URL(path, import.meta.url)).filter(url => existsSync(url)) as [URL]
  return (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version
}

/** Reads the files that the configuration names; the process ends where one is broken. */
function readFiles (config: Config) {
  try {
    return {
      tls: config.tls && new TlsFiles(config.tls, logger),
      tokens: config.authTokenFile === undefined ? undefined : new AuthTokens(config.authTokenFile, logger)
    }
  } catch (error) {
    end([(error as Error).message])
  }
}

/** Ends the process before it has begun, with a line for each mistake. */
function end (mistakes: string[]): never {
  const logger = makeLogger('info', { sync: true })
  for (const mistake of mistakes) logger.fatal(mistake)
  process.exit(1)
}
