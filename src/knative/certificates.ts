import { X509Certificate } from 'node:crypto'

/**
 * Takes PEM text apart into its certificates. What else there is in it, and certificates that cannot be read, are
 * passed over, as Go does. https://pkg.go.dev/crypto/x509#CertPool.AppendCertsFromPEM
 *
 * @returns each in PEM format; undefined where there is none at all
 */
export function parseCertificates (pem: string): string[] | undefined {
  const certificates = blocksOf(pem).filter(isCertificate)
  return certificates.length > 0 ? certificates : undefined
}

/** Tells whether {@link parseCertificates} finds any, and looks no further than that. */
export function hasCertificate (pem: string): boolean {
  return blocksOf(pem).some(isCertificate)
}

function blocksOf (pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
}

/** Tells whether the first block of a PEM text is a certificate: Knative's webhook looks no further. */
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
