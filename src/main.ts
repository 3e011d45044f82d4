import closeWithGrace from 'close-with-grace'
import { readConfig } from './config.js'
import { makeHookServer } from './http/hook-server.js'
import { makeOpsServer } from './http/ops-server.js'
import { makeLogger } from './logger.js'

/* The hook process. */

const { config, mistakes } = readConfig(process.env)
if (config === undefined) {
  for (const mistake of mistakes) makeLogger('info').fatal(mistake)
  process.exit(1)
}
const logger = makeLogger(config.logLevel)

const hookServer = makeHookServer({ logger, bodyLimit: config.bodyLimitBytes, settings: config.settings })
const opsServer = makeOpsServer(logger)

closeWithGrace({ delay: 10_000, logger }, async ({ err, signal }) => {
  if (err !== undefined) logger.fatal({ err }, 'stopping: unexpected error')
  else logger.info({ signal }, 'stopping')
  await Promise.all([hookServer.close(), opsServer.close()])
})

// The hook first: once the ops server answers, the hook can be called.
await hookServer.listen({ port: config.port, host: config.host })
await opsServer.listen({ port: config.opsPort, host: config.host })
