import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { makeLogger } from '../process/logger.js'
import { configOrEnd, failToStart, listenOrEnd, shutDownOnSignal } from '../process/shutdown.js'
import { makeTelemetry } from '../telemetry/telemetry.js'
import { makeAdapter } from './adapter.js'
import { makeClock } from './clock.js'
import { readConfig } from './config.js'
import { makeDelivery } from './delivery.js'
import { component, eventType, metricsPrefix, readSettings } from './heartbeat.js'
import { makeMetrics } from './metrics.js'
import { makeSender } from './sender.js'
import { oidcToken, readToken } from './token.js'
import { makeTrust, readSystemRoots, systemRootsFile, trustBundles } from './trust.js'

/* The receive adapter: configuration in, events out, ended by a signal. */

/** Shutdown times for the events under way, and then for unsent telemetry, in milliseconds. */
const deliveryGrace = 5_000
const telemetryGrace = 2_000

const config = await configOrEnd(readConfig(process.env, component, readSettings))
const { sink, proxy, observability } = config
const logger = (await makeLogger(config.logLevel)).child({ source: config.source })
for (const warning of config.warnings) logger.warn(warning)

// More than a hundred certificates, of no use for an http sink.
const systemRoots = sink.protocol === 'https:' ? await readRoots(process.env['SSL_CERT_FILE'] || systemRootsFile) : []
const trust = makeTrust([...systemRoots, ...config.caCerts], trustBundles, logger)
const telemetry = await makeTelemetry(observability, { service: config.component, namespace: config.namespace, pod: config.pod }, logger)
const send = makeSender({
  sink,
  timeout: config.sinkTimeout,
  namespace: config.namespace,
  token: () => readToken(oidcToken),
  trust,
  agent: proxy && (await import('./proxy-agent.js')).makeProxyAgent(sink, trust, proxy)
})
const metrics = makeMetrics(telemetry.instruments, metricsPrefix, eventType)
const adapter = makeAdapter(config, makeDelivery({ send, trace: telemetry.trace, clock: makeClock(), metrics, logger }))

await shutDownOnSignal({
  logger,
  grace: deliveryGrace + telemetryGrace + 1_000,
  async close () {
    await adapter.stop(deliveryGrace)
    await Promise.race([telemetry.shutdown(), setTimeout(telemetryGrace)])
  }
})

if (telemetry.prometheus !== undefined) {
  const { server, port, host } = telemetry.prometheus
  await listen(server, port, host, { port: 'METRICS_PORT', host: 'K_OBSERVABILITY_CONFIG' }, 'metrics server')
}
if (observability.profiling) {
  const { makeProfilingServer } = await import('../telemetry/profiling.js')
  await listen(makeProfilingServer(), config.profilingPort, undefined, { port: 'PROFILING_PORT', host: 'PROFILING_PORT' }, 'profiling server')
}
await adapter.start()
logger.info(`${adapter.description} to ${sink.origin}${sink.pathname}`)

/** Starts a server and logs its address; on failure the process exits. */
async function listen (server: Server, port: number, host: string | undefined, variables: { port: string, host: string }, name: string): Promise<void> {
  await listenOrEnd(() => once(server.listen(port, host), 'listening'), variables)
  logger.info({ port: (server.address() as AddressInfo).port }, `${name} listening`)
}

async function readRoots (file: string): Promise<readonly string[]> {
  try {
    return readSystemRoots(file)
  } catch (error) {
    return await failToStart([`SSL_CERT_FILE must be a file with certificates in PEM format, or none: ${(error as Error).message}`])
  }
}
