import { X509Certificate } from 'node:crypto'

/** What a certificate is for: `server` is served, `client_ca` is a CA of client certificates. */
export type CertificateUse = 'server' | 'client_ca'

/** The validity period of a certificate, in milliseconds since the epoch. */
export interface Validity {
  use: CertificateUse
  /** The certificate's subject, or its names. */
  subject: string
  notBefore: number
  notAfter: number
}

const day = 24 * 60 * 60 * 1_000

/** How long before it expires a certificate is reported. By then, cert-manager has renewed a 90-day one for 16 days. */
const warnedAhead = 14 * day

/** Reads the validity period of a certificate. */
export function validityOf (certificate: X509Certificate, use: CertificateUse): Validity {
  const { validFrom, validTo } = certificate
  return { use, subject: subjectOf(certificate), notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo) }
}

/** A certificate may have no subject, only names, as some of cert-manager's do; Node's types do not reflect that. */
function subjectOf ({ subject, subjectAltName, serialNumber }: { subject?: string, subjectAltName?: string | undefined, serialNumber: string }): string {
  return subject?.replaceAll('\n', ', ') ?? subjectAltName ?? `serial number ${serialNumber}`
}

type Problem = 'not valid yet' | 'about to expire' | 'expired'

/** The problem of a certificate at a time; undefined if there is none. */
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
 * Makes a function to call repeatedly with the time, in milliseconds since the epoch. It warns of certificates that are
 * not valid, or will expire within 14 days: at once, and then daily.
 *
 * @param warn receives a line for each
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
