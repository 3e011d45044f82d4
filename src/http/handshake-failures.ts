/** Why a TLS handshake has failed, as counted in the metrics. */
export type HandshakeFailure = 'plain_http' | 'not_tls' | 'incompatible' | 'certificate_rejected' | 'client_alert' | 'timeout' | 'connection_closed' | 'other'

/**
 * Patterns of Node's error codes, and the reasons they mean; the first match counts. OpenSSL's codes are `ERR_SSL_` and a
 * reason from https://github.com/openssl/openssl/blob/master/include/openssl/sslerr.h. Those of client alerts contain the
 * protocol version, and so differ between releases of OpenSSL.
 */
const reasons: Array<[codes: RegExp, reason: HandshakeFailure]> = [
  [/^ERR_SSL_HTTPS?_(PROXY_)?REQUEST$/, 'plain_http'],
  [/^ERR_SSL_.*_ALERT_(.*CERTIFICATE.*|UNKNOWN_CA)$/, 'certificate_rejected'],
  [/^ERR_SSL_.*_ALERT_/, 'client_alert'],
  [/^ERR_SSL_(NO_SHARED_|NO_SUITABLE_|NO_APPLICATION_PROTOCOL|NO_PROTOCOLS_AVAILABLE|UNSUPPORTED_PROTOCOL|VERSION_TOO_|INAPPROPRIATE_FALLBACK)/, 'incompatible'],
  [/^ERR_SSL_/, 'not_tls'],
  [/^ERR_TLS_HANDSHAKE_TIMEOUT$/, 'timeout'],
  [/^(ECONNRESET|EPIPE)$/, 'connection_closed']
]

/** Every reason. */
export const handshakeFailures: HandshakeFailure[] = [...reasons.map(([, reason]) => reason), 'other']

/** The reason of a failed handshake, by its error code. */
export function handshakeFailure (code = ''): HandshakeFailure {
  return reasons.find(([codes]) => codes.test(code))?.[1] ?? 'other'
}
