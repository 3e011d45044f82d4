/** Why a handshake of TLS has failed, as it is counted. */
export type HandshakeFailure = 'plain_http' | 'not_tls' | 'incompatible' | 'certificate_rejected' | 'client_alert' | 'timeout' | 'connection_closed' | 'other'

/**
 * The reasons by the codes of Node's errors, the first that fits. OpenSSL's are `ERR_SSL_` and the name of a reason of its
 * own: https://github.com/openssl/openssl/blob/master/include/openssl/sslerr.h. The client's alerts are called by the
 * version of the protocol that brought them, so by another name for each release of OpenSSL.
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

/** Every reason that there is. */
export const handshakeFailures: HandshakeFailure[] = [...reasons.map(([, reason]) => reason), 'other']

/** Tells why a handshake has failed, by the code of its error. */
export function handshakeFailure (code = ''): HandshakeFailure {
  return reasons.find(([codes]) => codes.test(code))?.[1] ?? 'other'
}
