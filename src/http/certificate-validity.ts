import { X509Certificate } from 'node:crypto'

/** What a certificate is for: `server` is served, `client_ca` is a CA of those who may call. */
export type CertificateUse = 'server' | 'client_ca'

/** From when to when a certificate is good, in milliseconds since the epoch. */
export interface Validity {
  use: CertificateUse
  /** Who it is for, by its subject or its names. */
  subject: string
  notBefore: number
  notAfter: number
}

const day = 24 * 60 * 60 * 1_000

/** How long before its end a certificate is warned of. By then cert-manager has renewed one of 90 days for 16 days. */
const warnedAhead = 14 * day

/** Reads of a certificate from when to when it is good. */
export function validityOf (certificate: X509Certificate, use: CertificateUse): Validity {
  const { validFrom, validTo } = certificate
  return { use, subject: subjectOf(certificate), notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo) }
}

/** Who a certificate is for. It may have no subject, only names (cert-manager makes such); of that, Node's types do not know. */
function subjectOf ({ subject, subjectAltName, serialNumber }: { subject?: string, subjectAltName?: string | undefined, serialNumber: string }): string {
  return subject?.replaceAll('\n', ', ') ?? subjectAltName ?? `serial number ${serialNumber}`
}

type Problem = 'not valid yet' | 'about to expire' | 'expired'

/** Says what a person has to know of a certificate at a time; undefined where all is well. */
function problemOf ({ notBefore, notAfter }: Validity, now: number): Problem | undefined {
  if (now > notAfter) return 'expired'
  if (now < notBefore) return 'not valid yet'
  return now > notAfter - warnedAhead ? 'about to expire' : undefined
}

const variables = { server: 'TLS_CERT_FILE', client_ca: 'TLS_CLIENT_CA_FILE' }

const messages: Record<Problem, (validity: Validity) => string> = {
  'not valid yet': ({ notBefore }) => `is not valid before ${new Date(notBefore).toISOString()}`,
  'about to expire': ({ notAfter }) => `expires on ${new Date(notAfter).toISOString()}`,
  expired: ({ notAfter }) => `expired on ${new Date(notAfter).toISOString()}`
}

/**
 * Makes a function that is called again and again with the time, in milliseconds since the epoch, and warns of
 * certificates: when one is not good, or will not be in 14 days, at once, and then daily.
 *
 * @param warn gets a line for each
 */
export function watchValidity (validities: Validity[], warn: (details: { subject: string }, message: string) => void): (now: number) => void {
  const warned = new Map<Validity, { problem: Problem, at: number }>()
  return now => {
    for (const validity of validities) {
      const problem = problemOf(validity, now)
      const last = warned.get(validity)
      if (problem === undefined || (problem === last?.problem && now < last.at + day)) continue
      warned.set(validity, { problem, at: now })
      warn({ subject: validity.subject }, `${variables[validity.use]}: the certificate ${messages[problem](validity)}`)
    }
  }
}
