import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { watchValidity, type CertificateUse, type Validity } from './certificate-validity.js'
import { handshakeFailure } from './handshake-failures.js'
import type { Metrics } from './metrics.js'
import { seldom } from './seldom.js'
import type { TlsFiles } from './tls.js'

/** How often the time is compared with that of the certificates, in milliseconds. */
const interval = 1_000

/** While handshakes fail, the log says so this often, in milliseconds. */
const logInterval = 10_000

const uses: CertificateUse[] = ['server', 'client_ca']

/** Tells of TLS that fails, or is about to: certificates that expire, and handshakes, in the log and in the metrics. */
export const tlsWatch = fastifyPlugin(async (app: FastifyInstance, { tls, metrics }: { tls: TlsFiles, metrics: Metrics }) => {
  let watch: (now: number) => void
  tls.onCertificates(validities => {
    for (const use of uses) {
      const end = earliestEnd(validities.filter(validity => validity.use === use))
      if (end < Infinity) metrics.certificateExpiration.set({ use }, end / 1_000)
    }
    watch = watchValidity(validities, (details, message) => app.log.warn(details, message))
    watch(Date.now())
  })
  const timer = setInterval(() => watch(Date.now()), interval).unref()
  app.addHook('onClose', async () => clearInterval(timer))

  const log = seldom(logInterval, (failures, last: { code: string | undefined, caller: string | undefined }) => app.log.warn({ failures, last }, 'TLS handshakes failed'))
  tls.onHandshakeFailure(({ code }, caller) => {
    const reason = handshakeFailure(code)
    metrics.handshakeFailures.inc({ reason })
    log(reason, { code, caller })
  })
})

/** When the first of the certificates expires, in milliseconds since the epoch. */
function earliestEnd (validities: Validity[]): number {
  return Math.min(...validities.map(({ notAfter }) => notAfter))
}
