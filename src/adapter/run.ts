import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { makeLogger } from '../process/logger.js'
import { configOrEnd, failToStart, listenOrEnd, shutDownOnSignal } from '../process/shutdown.js'
import { makeAdapter } from './adapter.js'
import { makeClock } from './clock.js'
import { readConfig } from './config.js'
import { makeDelivery } from './delivery.js'
import { component, eventType, metricsPrefix, readSettings } from './heartbeat.js'
import { makeMetricsServer } from './metrics-server.js'
import { makeMetrics } from './metrics.js'
import { makeSender } from './sender.js'
import { oidcToken, readToken } from './token.js'
import { makeTrust, readSystemRoots, systemRootsFile, trustBundles } from './trust.js'

/* The receive adapter: configuration in, events out, ended by a signal. */

const config = await configOrEnd(readConfig(process.env, component, readSettings))
const logger = (await makeLogger(config.logLevel)).child({ source: config.source })
for (const warning of config.warnings) logger.warn(warning)

const systemRoots = await readRoots(process.env['SSL_CERT_FILE'] || systemRootsFile)

const metrics = makeMetrics(metricsPrefix, eventType)
const metricsServer = makeMetricsServer(metrics.registry)
const send = makeSender({
  sink: config.sink,
  timeout: config.sinkTimeout,
  namespace: config.namespace,
  token: () => readToken(oidcToken),
  trust: makeTrust([...systemRoots, ...config.caCerts], trustBundles, logger)
})
const adapter = makeAdapter(config, makeDelivery({ send, clock: makeClock(), metrics, logger }))

await shutDownOnSignal({
  logger,
  grace: 6_000,
  close: async () => await adapter.stop(5_000)
})

await listenOrEnd(() => once(metricsServer.listen(config.metricsPort), 'listening'), { port: 'METRICS_PORT' })
logger.info({ port: (metricsServer.address() as AddressInfo).port }, 'metrics server listening')
await adapter.start()
logger.info(`${adapter.description} to ${config.sink.origin}${config.sink.pathname}`)

async function readRoots (file: string): Promise<readonly string[]> {
  try {
    return readSystemRoots(file)
  } catch (error) {
    return await failToStart([`SSL_CERT_FILE must be a file with certificates in PEM format, or none: ${(error as Error).message}`])
  }
}
