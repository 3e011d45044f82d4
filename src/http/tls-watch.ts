import type { FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { watchValidity, type CertificateUse, type Validity } from './certificate-validity.js'
import { handshakeFailure } from './handshake-failures.js'
import type { Metrics } from './metrics.js'
import { seldom } from './seldom.js'
import type { TlsFiles } from './tls.js'

/** How often the validity of the certificates is checked, in milliseconds. */
const interval = 1_000

/** How often the log reports failed handshakes, in milliseconds. */
const logInterval = 10_000

const uses: CertificateUse[] = ['server', 'client_ca']

/** Reports TLS problems in the log and the metrics: expiring certificates and failed handshakes. */
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

/** When the first certificate expires, in milliseconds since the epoch. */
function earliestEnd (validities: Validity[]): number {
  return Math.min(...validities.map(({ notAfter }) => notAfter))
}
