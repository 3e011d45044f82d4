import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import closeWithGrace from 'close-with-grace'
import pino from 'pino'
import { makeAdapter } from './adapter.js'
import { makeClock } from './clock.js'
import { readConfig } from './config.js'
import { component, eventType, metricsPrefix, readSettings } from './heartbeat.js'
import { makeMetricsServer } from './metrics-server.js'
import { makeMetrics } from './metrics.js'
import { makeSender } from './sender.js'
import { oidcToken, readToken } from './token.js'
import { makeTrust, readSystemRoots, systemRootsFile, trustBundles } from './trust.js'

/* The receive adapter process. */

const { config, mistakes } = readConfig(process.env, component, readSettings)
if (config === undefined) {
  // Written at once: a write under way would let the next line overtake it.
  const logger = pino(pino.destination({ sync: true }))
  for (const mistake of mistakes) logger.fatal(mistake)
  process.exit(1)
}
const logger = pino({ level: config.logLevel }).child({ source: config.source })
for (const warning of config.warnings) logger.warn(warning)

const metrics = makeMetrics(metricsPrefix, eventType)
const metricsServer = makeMetricsServer(metrics.registry)
const send = makeSender({
  sink: config.sink,
  timeout: config.sinkTimeout,
  namespace: config.namespace,
  token: () => readToken(oidcToken),
  trust: makeTrust([...readSystemRoots(process.env['SSL_CERT_FILE'] || systemRootsFile), ...config.caCerts], trustBundles, logger)
})
const adapter = makeAdapter(config, { send, clock: makeClock(), metrics, logger })

closeWithGrace({ delay: 10_000, logger }, async ({ err, signal }) => {
  if (err !== undefined) logger.fatal({ err }, 'stopping: unexpected error')
  else logger.info({ signal }, 'stopping')
  await adapter.stop(5_000)
})

await once(metricsServer.listen(config.metricsPort), 'listening')
logger.info({ port: (metricsServer.address() as AddressInfo).port }, 'metrics server listening')
await adapter.start()
logger.info(`${adapter.description} to ${config.sink.origin}${config.sink.pathname}`)
