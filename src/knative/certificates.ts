import { X509Certificate } from 'node:crypto'

/**
 * Splits PEM text into its certificates. Other content, and certificates that cannot be read, are ignored, as in Go.
 * https://pkg.go.dev/crypto/x509#CertPool.AppendCertsFromPEM
 *
 * @returns each in PEM format; undefined if there is none
 */
export function parseCertificates (pem: string): string[] | undefined {
  const certificates = blocksOf(pem).filter(isCertificate)
  return certificates.length > 0 ? certificates : undefined
}

/** Whether {@link parseCertificates} finds any; stops at the first. */
export function hasCertificate (pem: string): boolean {
  return blocksOf(pem).some(isCertificate)
}

function blocksOf (pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
}

/** Whether the first block of a PEM text is a certificate: Knative's webhook checks only that. */
export function beginsWithCertificate (pem: string): boolean {
  return /-----BEGIN ([^-]*)-----/.exec(pem)?.[1] === 'CERTIFICATE' && isCertificate(pem)
}

function isCertificate (pem: string): boolean {
  try {
    return Boolean(new X509Certificate(pem))
  } catch {
    return false
  }
}
