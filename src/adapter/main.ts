import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import closeWithGrace from 'close-with-grace'
import pino from 'pino'
import { formatDuration } from '../knative/format-duration.js'
import { makeAdapter } from './adapter.js'
import { makeClock } from './clock.js'
import { readConfig } from './config.js'
import { makeMetricsServer } from './metrics-server.js'
import { makeMetrics } from './metrics.js'
import { makeSender } from './sender.js'
import { oidcToken, readToken } from './token.js'
import { makeTrust, readSystemRoots, systemRootsFile, trustBundles } from './trust.js'

/* The receive adapter process. */

const { config, mistakes } = readConfig(process.env)
if (config === undefined) exitFor(mistakes)
const logger = pino({ level: config.logLevel }).child({ source: config.source })
for (const warning of config.warnings) logger.warn(warning)

const systemRoots = readRoots(process.env['SSL_CERT_FILE'] || systemRootsFile)

const metrics = makeMetrics()
const metricsServer = makeMetricsServer(metrics.registry)
const send = makeSender({
  sink: config.sink,
  timeout: config.sinkTimeout,
  namespace: config.namespace,
  token: () => readToken(oidcToken),
  trust: makeTrust([...systemRoots, ...config.caCerts], trustBundles, logger)
})
const adapter = makeAdapter({
  interval: config.interval,
  extensions: config.extensions,
  send,
  clock: makeClock(),
  metrics,
  logger
})

closeWithGrace({ delay: 10_000, logger }, async ({ err, signal }) => {
  if (err !== undefined) logger.fatal({ err }, 'stopping: unexpected error')
  else logger.info({ signal }, 'stopping')
  await adapter.stop(5_000)
})

await once(metricsServer.listen(config.metricsPort), 'listening')
logger.info({ port: (metricsServer.address() as AddressInfo).port }, 'metrics server listening')
adapter.start()
logger.info(`sending an event every ${formatDuration(config.interval)} to ${config.sink.origin}${config.sink.pathname}`)

function readRoots (file: string): readonly string[] {
  try {
    return readSystemRoots(file)
  } catch (error) {
    return exitFor([`SSL_CERT_FILE must be a file with certificates in PEM format, or none: ${(error as Error).message}`])
  }
}

/** Ends the process, with a line for each mistake. Written at once: a write under way would let the next line overtake it. */
function exitFor (mistakes: string[]): never {
  const logger = pino(pino.destination({ sync: true }))
  for (const mistake of mistakes) logger.fatal(mistake)
  process.exit(1)
}
